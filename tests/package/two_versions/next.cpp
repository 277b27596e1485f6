// A later version: its inline namespace is v1. Its layouts are the same here; nothing but the name keeps the two apart.
#define v0 v1
#include "program.hpp"

facts facts_of_next() { return facts_here(); }
