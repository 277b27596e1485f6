# sealring_component(NAME LINK targets... [NEEDS needs... DEBIAN packages] [PC modules...] [PC_LIBS flags...] [DEFINES names...]
#                    [BASE directory] [SOURCES files...] HEADERS names...)
#
# One target sealring::NAME a component, and all that it takes to find it again once it is installed. NEEDS are what other
# projects must bring (sealring-needs.cmake), PC the same in pkg-config's words. Where a need is not met, the configuration ends
# with a message if the component is asked for: by SEALRING_COMPONENTS, or by the agent, which wants all. Else there is none.
#
# Headers lie in include/. With BASE they are named from there, and installed below include/sealring-NAME, so that they are
# included by the same names here and there. The target is an INTERFACE; with SOURCES a static library, which a project that
# includes sealring builds only if it links it, and which is installed as a component of its own. DEFINES are what whoever uses
# the component is compiled with. Bodies (impl/NAME.ipp) go with their header.
#
# The headers of an INTERFACE are a file set that CMake can verify: the target all_verify_interface_header_sets compiles every
# header alone, with only the dependencies its component names.
include("${CMAKE_CURRENT_LIST_DIR}/sealring-needs.cmake")
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)
set(SEALRING_CMAKE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/sealring")
list(APPEND CMAKE_MODULE_PATH "${CMAKE_CURRENT_LIST_DIR}")

function(sealring_component name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "BASE;DEBIAN" "LINK;NEEDS;PC;PC_LIBS;DEFINES;SOURCES;HEADERS")

  # what it stands on
  sealring_find_needs(lacks ${arg_NEEDS})
  if(lacks)
    string(APPEND lacks " (Debian 12: ${arg_DEBIAN})")
  endif()
  set(below "")
  foreach(library IN LISTS arg_LINK)
    if(library MATCHES "^sealring::(.+)$")
      get_property(below_that GLOBAL PROPERTY SEALRING_BELOW_${CMAKE_MATCH_1})
      list(APPEND below ${below_that} ${CMAKE_MATCH_1})
      if(NOT TARGET ${library})
        get_property(lacks GLOBAL PROPERTY SEALRING_LACKED_BY_${CMAKE_MATCH_1})
      endif()
    endif()
  endforeach()
  list(REMOVE_DUPLICATES below)
  set_property(GLOBAL PROPERTY SEALRING_BELOW_${name} ${below})
  set_property(GLOBAL PROPERTY SEALRING_LACKED_BY_${name} "${lacks}")
  set_property(GLOBAL APPEND PROPERTY SEALRING_KNOWN ${name})
  set_property(GLOBAL APPEND_STRING PROPERTY SEALRING_TABLE "
set(_sealring_${name}_below ${below})
set(_sealring_${name}_needs [[${arg_NEEDS}]])
set(_sealring_${name}_debian [[${arg_DEBIAN}]])
set(_sealring_${name}_lacked [[${lacks}]])
")
  if(lacks AND (SEALRING_AGENT OR name IN_LIST SEALRING_COMPONENTS))
    message(FATAL_ERROR "sealring::${name} needs ${lacks}")
  elseif(lacks)
    message(STATUS "There is no sealring::${name}, which needs ${lacks}")
    return()
  endif()

  # the target
  set(target sealring_${name})
  if(arg_SOURCES)
    add_library(${target} STATIC ${arg_SOURCES})
    set(scope PUBLIC)
    set(archive "-L\${libdir} -lsealring-${name}")
    set_target_properties(${target} PROPERTIES OUTPUT_NAME sealring-${name} POSITION_INDEPENDENT_CODE ON)
    if(NOT SEALRING_INSTALL)
      set_target_properties(${target} PROPERTIES EXCLUDE_FROM_ALL ON)
    endif()
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
    set(archive "")
    set_target_properties(${target} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ${PROJECT_IS_TOP_LEVEL})
  endif()
  if(arg_BASE)
    set(base "${arg_BASE}")
    set(installed_headers "${CMAKE_INSTALL_INCLUDEDIR}/sealring-${name}")
    set(installed_by ${name})
  else()
    set(base "${PROJECT_SOURCE_DIR}/include")
    set(installed_headers "${CMAKE_INSTALL_INCLUDEDIR}")
    set(installed_by toolkit)
    if(arg_SOURCES)
      set(installed_by ${name})
    endif()
    list(TRANSFORM arg_HEADERS PREPEND sealring/)
  endif()
  add_library(sealring::${name} ALIAS ${target})
  set(files "")
  foreach(header IN LISTS arg_HEADERS)
    list(APPEND files "${base}/${header}.hpp")
    string(REGEX REPLACE "([^/]+)$" "impl/\\1.ipp" bodies "${base}/${header}")
    if(EXISTS "${bodies}")
      list(APPEND files "${bodies}")
    endif()
  endforeach()
  target_sources(${target} ${scope} FILE_SET HEADERS BASE_DIRS "${base}" FILES ${files})
  target_compile_features(${target} ${scope} cxx_std_20)
  target_compile_definitions(${target} ${scope} ${arg_DEFINES})
  target_link_libraries(${target} ${scope} ${arg_LINK})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})

  # the way back to it: CMake's and pkg-config's
  if(NOT SEALRING_INSTALL)
    return()
  endif()
  install(TARGETS ${target} EXPORT sealring-${name}
    ARCHIVE COMPONENT ${installed_by} FILE_SET HEADERS DESTINATION "${installed_headers}" COMPONENT ${installed_by})
  install(EXPORT sealring-${name} NAMESPACE sealring:: DESTINATION "${SEALRING_CMAKE_DIR}" COMPONENT ${installed_by})
  list(TRANSFORM below PREPEND sealring- OUTPUT_VARIABLE requires)
  list(APPEND requires ${arg_PC})
  list(JOIN requires ", " requires)
  list(JOIN arg_PC_LIBS " " libraries)
  list(TRANSFORM arg_DEFINES PREPEND " -D" OUTPUT_VARIABLE definitions)
  string(JOIN "" definitions ${definitions})
  file(RELATIVE_PATH prefix_from_here "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" /)
  configure_file("${PROJECT_SOURCE_DIR}/cmake/sealring.pc.in" "${PROJECT_BINARY_DIR}/sealring-${name}.pc" @ONLY)
  install(FILES "${PROJECT_BINARY_DIR}/sealring-${name}.pc"
    DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig" COMPONENT ${installed_by})
endfunction()

# After the last component: whether all are there that were asked for, and what find_package(sealring) reads.
function(sealring_end_of_components)
  get_property(SEALRING_KNOWN GLOBAL PROPERTY SEALRING_KNOWN)
  foreach(component IN LISTS SEALRING_COMPONENTS)
    if(NOT component IN_LIST SEALRING_KNOWN)
      list(JOIN SEALRING_KNOWN " " known)
      message(FATAL_ERROR "sealring: there is no component '${component}', but ${known}")
    endif()
  endforeach()
  if(NOT SEALRING_INSTALL)
    return()
  endif()
  get_property(SEALRING_TABLE GLOBAL PROPERTY SEALRING_TABLE)
  configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/sealring-config.cmake.in" "${PROJECT_BINARY_DIR}/sealring-config.cmake"
    INSTALL_DESTINATION "${SEALRING_CMAKE_DIR}" NO_SET_AND_CHECK_MACRO
    NO_CHECK_REQUIRED_COMPONENTS_MACRO)
  # Independent of the architecture: what is not are the static libraries, and these the linker tells apart.
  write_basic_package_version_file("${PROJECT_BINARY_DIR}/sealring-config-version.cmake"
    COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
  install(FILES "${PROJECT_BINARY_DIR}/sealring-config.cmake" "${PROJECT_BINARY_DIR}/sealring-config-version.cmake"
      "${PROJECT_SOURCE_DIR}/cmake/sealring-needs.cmake" "${PROJECT_SOURCE_DIR}/cmake/FindAsio.cmake"
    DESTINATION "${SEALRING_CMAKE_DIR}" COMPONENT toolkit)
endfunction()
