// bench_messages                            wall time of every row, by Google Benchmark; its options
// bench_messages once NAME COUNT            makes the message COUNT times: for callgrind, by bench/messages.sh
// bench_messages allocations                "NAME|OCTETS|ALLOCATIONS" of every row, once it has run before
//
// An allocation is a call of malloc, calloc or realloc, by whomever: operator new and libcrypto make theirs by these.
#include "messages.hpp"

#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace {

std::size_t allocations = 0;

std::vector<bench::message_row> all_rows() {
  std::vector<bench::message_row> all;
  for (const auto rows : {bench::jws_rows(), bench::jwt_rows(), bench::csr_rows()})
    all.insert(all.end(), rows.begin(), rows.end());
  return all;
}

int once(std::string_view name, long count) {
  for (const auto& row : all_rows()) {
    if (row.name != name) continue;
    for (long i = 0; i < count; ++i) row.make();
    return 0;
  }
  return 2;
}

int count_allocations() {
  for (const auto& row : all_rows()) {
    row.make();
    const std::size_t before = allocations;
    const std::size_t octets = row.make();
    std::printf("%s|%zu|%zu\n", row.name, octets, allocations - before);
  }
  return 0;
}

}  // namespace

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);

void* malloc(std::size_t size) { return ++allocations, __libc_malloc(size); }
void* calloc(std::size_t n, std::size_t size) { return ++allocations, __libc_calloc(n, size); }
void* realloc(void* old, std::size_t size) { return ++allocations, __libc_realloc(old, size); }
}

int main(int argc, char** argv) {
  const std::string_view verb = argc > 1 ? argv[1] : "";
  if (verb == "once" && argc == 4) return once(argv[2], std::strtol(argv[3], nullptr, 10));
  if (verb == "allocations") return count_allocations();
  for (const auto& row : all_rows())
    benchmark::RegisterBenchmark(row.name, [make = row.make](benchmark::State& state) {
      for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(make());
    });
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
