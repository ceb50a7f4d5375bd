#include "bench/workloads/task_sizes.h"

namespace berth::workloads {
namespace {

// What one task reserves under each of 83 task definitions that public projects ship as examples, templates or test recordings: the task
// level where it is given, else the sum over the containers (memoryReservation before memory). NOTICE names the projects. The 20
// definitions of 0 CPU units and 150 MiB are examples of log routing, where CPU is left to the kernel's fair share.
constexpr TaskSize kSizes[] = {
    {1, 0, 1},       {1, 0, 20},      {1, 0, 100},     {2, 0, 128},     {20, 0, 150},     {1, 0, 250},   {1, 0, 512},    {2, 0, 12000},
    {2, 10, 10},     {1, 10, 100},    {1, 10, 300},    {2, 16, 32},     {1, 20, 1000},    {1, 100, 80},  {1, 100, 256},  {2, 128, 64},
    {1, 256, 128},   {3, 256, 256},   {11, 256, 512},  {4, 256, 1024},  {1, 512, 256},    {1, 512, 512}, {6, 512, 1024}, {1, 1024, 512},
    {2, 1024, 1024}, {8, 1024, 2048}, {3, 1024, 3072}, {1, 2048, 4096}, {1, 10240, 1024},
};

}  // namespace

std::span<const TaskSize> task_sizes() {
  return kSizes;
}

}  // namespace berth::workloads
