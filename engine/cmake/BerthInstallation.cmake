# Where things are installed. On Debian libraries lie in a folder of their processor, for /usr/local and other prefixes as well, so that what
# cmake --install makes and what the packages hold is the same tree.
if(EXISTS /etc/debian_version AND CMAKE_LIBRARY_ARCHITECTURE AND NOT DEFINED CMAKE_INSTALL_LIBDIR)
  set(CMAKE_INSTALL_LIBDIR lib/${CMAKE_LIBRARY_ARCHITECTURE} CACHE PATH "Where libraries are installed, below the prefix")
endif()
include(GNUInstallDirs)
