# sealring_precompile(DIRECTORY): the headers that cost most, parsed once for each target of it and below.
#
# For the sanitizers' builds, which it makes half as long. Never for Release: there a missing #include must show.
function(sealring_precompile directory)
  get_property(targets DIRECTORY "${directory}" PROPERTY BUILDSYSTEM_TARGETS)
  foreach(target ${targets})
    get_target_property(sources ${target} SOURCES)
    list(LENGTH sources count)
    if(count GREATER 3)
      target_precompile_headers(${target} PRIVATE
        <algorithm> <chrono> <condition_variable> <filesystem> <functional> <map> <memory> <mutex> <optional> <string>
        <thread> <variant> <vector> <boost/json.hpp> <openssl/evp.h> <openssl/x509v3.h>)
    endif()
  endforeach()
  get_property(below DIRECTORY "${directory}" PROPERTY SUBDIRECTORIES)
  foreach(subdirectory ${below})
    sealring_precompile("${subdirectory}")
  endforeach()
endfunction()
