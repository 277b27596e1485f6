// Memory that a process needed only to begin.
#pragma once

#include <malloc.h>

namespace sealring::agent {

/// To the system: what was read is known, and the files' and the store's texts, some 20 MB of ten thousand certificates, have
/// gone. glibc would keep their pages.
inline void give_back_memory() { static_cast<void>(::malloc_trim(0)); }

}  // namespace sealring::agent
