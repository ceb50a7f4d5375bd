# How every target of Berth is compiled: warnings and sanitizers are interface targets that are linked privately.

add_library(berth_warnings INTERFACE)
target_compile_options(berth_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Wold-style-cast
  -Wcast-align -Woverloaded-virtual -Wnull-dereference -Wdouble-promotion -Wformat=2)
# -Wnull-dereference of gcc 12 reports library code that it inlined; clang checks the same lines in the tidy preset.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(berth_warnings INTERFACE -Wno-null-dereference)
  # gcc 12 at -O2 sees overlapping copies in "literal" + std::string (gcc bug 105651).
  target_compile_options(berth_warnings INTERFACE -Wno-restrict)
endif()
if(BERTH_DEVELOPER AND BERTH_WARNINGS_AS_ERRORS)
  target_compile_options(berth_warnings INTERFACE -Werror)
endif()

add_library(berth_sanitizers INTERFACE)
if(BERTH_SANITIZE)
  target_compile_options(berth_sanitizers INTERFACE -fsanitize=${BERTH_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(berth_sanitizers INTERFACE -fsanitize=${BERTH_SANITIZE})
endif()
if(BERTH_FUZZ)
  target_compile_options(berth_sanitizers INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(BERTH_PLANTED_BUG)
  target_compile_definitions(berth_sanitizers INTERFACE BERTH_PLANTED_BUG_${BERTH_PLANTED_BUG}=1)
endif()

# berth_add_floor(NAME SOURCES... [PUBLIC libs...] [PRIVATE libs...]): one floor of the engine as a static library berth_NAME.
function(berth_add_floor name)
  cmake_parse_arguments(FLOOR "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(berth_${name} STATIC ${FLOOR_SOURCES})
  target_include_directories(berth_${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(berth_${name}
    PUBLIC ${FLOOR_PUBLIC}
    PRIVATE ${FLOOR_PRIVATE} $<BUILD_INTERFACE:berth_warnings> $<BUILD_INTERFACE:berth_sanitizers>)
endfunction()

# berth_add_test(NAME SOURCES... LIBRARIES libs... [LABELS label]): a GoogleTest executable berth_NAME whose cases ctest knows.
function(berth_add_test name)
  cmake_parse_arguments(TEST "" "TIMEOUT" "SOURCES;LIBRARIES;LABELS" ${ARGN})
  if(NOT TEST_TIMEOUT)
    set(TEST_TIMEOUT 300)
  endif()
  # gtest_discover_tests takes a list of labels apart and would drop all but the first without a word.
  list(LENGTH TEST_LABELS label_count)
  if(label_count GREATER 1)
    message(FATAL_ERROR "berth_add_test(${name}): LABELS ${TEST_LABELS} are ${label_count}; give one")
  endif()
  add_executable(berth_${name} ${TEST_SOURCES})
  target_include_directories(berth_${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(berth_${name} PRIVATE ${TEST_LIBRARIES} GTest::gtest_main berth_warnings berth_sanitizers)
  gtest_discover_tests(berth_${name} TEST_PREFIX "${name}." DISCOVERY_TIMEOUT 60
    PROPERTIES TIMEOUT ${TEST_TIMEOUT} LABELS "${TEST_LABELS}")
endfunction()
