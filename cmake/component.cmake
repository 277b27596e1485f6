# sealring_component(NAME LINK targets... HEADERS names...)
#
# One INTERFACE target sealring::NAME a component. Its headers are a file set that CMake can verify: the target
# all_verify_interface_header_sets compiles every header alone, with only the dependencies its component names.
function(sealring_component name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LINK;HEADERS")
  set(target sealring_${name})
  add_library(${target} INTERFACE)
  add_library(sealring::${name} ALIAS ${target})
  list(TRANSFORM arg_HEADERS REPLACE "(.+)" "${PROJECT_SOURCE_DIR}/include/sealring/\\1.hpp")
  target_sources(${target} INTERFACE FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}/include" FILES ${arg_HEADERS})
  target_compile_features(${target} INTERFACE cxx_std_20)
  target_link_libraries(${target} INTERFACE ${arg_LINK})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name} VERIFY_INTERFACE_HEADER_SETS ON)
endfunction()
