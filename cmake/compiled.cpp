// sealring::compiled
#include "sealring/src.hpp"
