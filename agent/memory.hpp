// Memory that a process needed for a moment.
#pragma once

#include <malloc.h>

namespace sealring::agent {

/// To the system, after the files or the whole store were read: the texts of ten thousand certificates, some 20 MB, have gone,
/// and glibc would keep their pages.
inline void give_back_memory() { static_cast<void>(::malloc_trim(0)); }

}  // namespace sealring::agent
