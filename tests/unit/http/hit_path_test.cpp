// What runs on every hit must not allocate: here the allocations of this program are counted.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>

#include "forebay/base/strings.hpp"
#include "forebay/http/cache_status.hpp"
#include "forebay/http/conditional.hpp"
#include "forebay/http/date.hpp"
#include "forebay/http/field_list.hpp"
#include "forebay/http/hop_by_hop.hpp"
#include "forebay/http/target.hpp"

namespace {
std::atomic<int> allocations{0};
}  // namespace

void* operator new(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace forebay::http {
namespace {

template <class Work>
int allocations_of(Work&& work) {
  const int before = allocations.load();
  work();
  return allocations.load() - before;
}

class HitPath : public testing::Test {
 protected:
  void SetUp() override { fill(); }

  void fill() {
    fields.clear();
    fields.add("Host", "www.a-rather-long-name.example.com:8080");
    fields.add("Connection", "keep-alive");
    fields.add("sec-fetch-mode", "navigate");
    fields.add("If-None-Match",
               "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\", W/\"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\"");
    fields.add("If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT");
    fields.add("If-Unmodified-Since", "Sun, 06 Nov 1994 08:49:37 GMT");
  }

  Fields fields;
  const WallTime now{seconds{1'700'000'000}};
};

TEST_F(HitPath, CountsAllocationsAtAll) {
  EXPECT_GT(allocations_of([] { std::string(1000, 'x').swap(*std::make_unique<std::string>()); }), 0);
}

TEST_F(HitPath, FillingAUsedTableOfFieldsDoesNotAllocate) {
  EXPECT_EQ(allocations_of([&] { fill(); }), 0);
}

TEST_F(HitPath, ReadingTheRequestDoesNotAllocate) {
  bool good = false;
  const std::string target = "/a/path/that/is/longer/than/any/small/string?query=" + std::string(100, 'x');
  EXPECT_EQ(allocations_of([&] {
              good = parse_method("GET") == Method::get && parse_target(Method::get, target).has_value() &&
                     parse_authority(*fields.find(FieldId::host)).has_value() &&
                     fields.find("Sec-Fetch-Mode") &&
                     has_element(fields, FieldId::connection, "keep-alive") &&
                     !EndToEnd(fields).passes(*(fields.begin() + 1));
            }),
            0);
  EXPECT_TRUE(good);
}

TEST_F(HitPath, EvaluatingPreconditionsDoesNotAllocate) {
  Precondition outcome{};
  const SelectedRepresentation selected{"\"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\"", WallTime{}};
  EXPECT_EQ(allocations_of([&] { outcome = evaluate(Method::get, fields, selected, now); }), 0);
  EXPECT_EQ(outcome, Precondition::not_modified);
}

TEST_F(HitPath, WritingTheAnswerDoesNotAllocate) {
  char out[kMaxCacheStatus];
  std::size_t written = 0;
  EXPECT_EQ(allocations_of([&] {
              write_date(out, now);
              written = write_decimal(out, 12345) +
                        write_cache_status(out, {.hit = true, .ttl = 60, .detail = "memory"});
            }),
            0);
  EXPECT_EQ(written, 5 + std::string_view("forebay; hit; ttl=60; detail=memory").size());
}

}  // namespace
}  // namespace forebay::http
