# sealring_find_needs(MISSING NEED...): finds what a component stands on. Used by sealring's build and, installed, by
# find_package(sealring).
#
# A need is what one gives to find_package ("OpenSSL 3.0.7"), or to pkg_check_modules after the word pkg-config
# ("pkg-config P11KIT p11-kit-1>=0.24", which makes PkgConfig::P11KIT). MISSING becomes the first that is not met, or empty.
function(sealring_find_needs missing)
  set(${missing} "" PARENT_SCOPE)
  foreach(need IN LISTS ARGN)
    string(REPLACE " " ";" words "${need}")
    list(POP_FRONT words package)
    if(package STREQUAL "pkg-config")
      find_package(PkgConfig QUIET)
      list(POP_FRONT words package)
      if(PkgConfig_FOUND)
        pkg_check_modules(${package} QUIET IMPORTED_TARGET GLOBAL ${words})
      endif()
    else()
      find_package(${package} QUIET ${words})
    endif()
    if(NOT ${package}_FOUND)
      set(${missing} "${need}" PARENT_SCOPE)
      return()
    endif()
  endforeach()
endfunction()

# sealring_compiler_fault(WHAT): what is wrong with the compiler of this project, or nothing.
function(sealring_compiler_fault what)
  set(floor_GNU 11)    # older ones have no coroutines by -std=c++20
  set(floor_Clang 16)  # older ones do not read the ranges of GCC 12's library
  set(floor "${floor_${CMAKE_CXX_COMPILER_ID}}")
  set(${what} "" PARENT_SCOPE)
  if(floor AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS floor)
    set(compiler "${CMAKE_CXX_COMPILER_ID} ${floor}")
    set(${what} "sealring needs ${compiler} or later, and this is ${CMAKE_CXX_COMPILER_VERSION} (Debian 12: g++)" PARENT_SCOPE)
  endif()
endfunction()
