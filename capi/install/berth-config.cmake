# find_package(berth 1.0) gives the target berth::berth. What libberth.so itself needs is no concern of those who link it.
include("${CMAKE_CURRENT_LIST_DIR}/berth-targets.cmake")
