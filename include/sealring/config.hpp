// The floors sealring stands on, each with its reason, and its version.
//
// Nothing here changes a layout: a macro that did would break two users in one program.
#pragma once

#include <openssl/opensslv.h>

#if __cplusplus < 202002L
#error "sealring needs C++20 (concepts, span): compile with -std=c++20 or later"
#endif
#if OPENSSL_VERSION_NUMBER < 0x30000070L
#error \
    "sealring needs OpenSSL 3.0.7 or later (provider keys, X509_REQ finished by an outside signer): on Debian 12 install libssl-dev"
#endif

// How the bodies of functions that are no templates come into a program: inline with each header, unless it is compiled with
// SEALRING_COMPILED and links sealring::compiled (or has one translation unit that includes sealring/src.hpp). Headers then
// only declare, and cost a fraction to include. No layout depends on it.
#ifdef SEALRING_COMPILED
#define SEALRING_INLINE
#else
#define SEALRING_INLINE inline
#endif

namespace sealring {

/// The inline namespace is raised whenever a layout or a meaning changes, so that two versions can meet in one program.
inline namespace v0 {

inline constexpr const char* version = "0.1.0";

}  // namespace v0
}  // namespace sealring
