#include "tier/redis_reader.hpp"

#include <hiredis/read.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "forebay/base/strings.hpp"

namespace forebay::tier {
namespace {

constexpr std::size_t kMaxLine =
    64U << 10;  // of statuses, errors and numbers: they are searched for their end
constexpr std::size_t kMaxReserved = 1024;  // elements that are made room for on the peer's word alone

/// The type of what has begun and is not complete; below 0 when not even that is known. Releases since 1.0
/// keep pointers to their tasks.
template <class Reader>
int type_under_way(const Reader& reader) noexcept {
  if (reader.ridx < 0) return -1;
  if constexpr (requires { reader.rstack; }) {
    return reader.rstack[reader.ridx].type;
  } else {
    return reader.task[reader.ridx]->type;
  }
}

}  // namespace

// ---- The functions that hiredis builds a reply with -----------------------------------------------------
//
// The object of a task is the RedisReply that it fills. The first one belongs to the reader, all others to
// the array they stand in, which does not grow while one of its elements is being filled. nullptr makes
// hiredis give up.

struct RedisReader::Progress {
  explicit Progress(const RedisReplyLimits& given) : limits(given) {}

  const RedisReplyLimits limits;
  std::size_t bytes = 0;     // of the strings of the reply being read
  std::size_t elements = 0;  // that its arrays have announced
  const char* fault = nullptr;

  void begin_reply() noexcept { bytes = elements = 0; }

  void* refuse(const char* why) noexcept {
    fault = why;
    return nullptr;
  }

  static Progress& of(const redisReadTask* task) noexcept { return *static_cast<Progress*>(task->privdata); }

  static RedisReply* place(const redisReadTask* task, RedisReply reply) {
    if (!task->parent) return new RedisReply(std::move(reply));
    return &static_cast<RedisReply*>(task->parent->obj)->elements.emplace_back(std::move(reply));
  }

  static void* make_string(const redisReadTask* task, char* text, std::size_t size) {
    auto& progress = of(task);
    progress.bytes += size;
    if (progress.bytes > progress.limits.bytes) return progress.refuse("a reply is too large");
    const auto kind = task->type == REDIS_REPLY_ERROR    ? RedisReply::Kind::error
                      : task->type == REDIS_REPLY_STATUS ? RedisReply::Kind::status
                                                         : RedisReply::Kind::string;
    return place(task, {.kind = kind, .text = std::string(text, size)});
  }

  static void* make_array(const redisReadTask* task, std::size_t size) {
    auto& progress = of(task);
    progress.elements += size;
    if (progress.elements > progress.limits.elements) return progress.refuse("a reply has too many elements");
    std::size_t depth = 1;
    for (const auto* parent = task->parent; parent; parent = parent->parent) ++depth;
    if (depth > progress.limits.depth) return progress.refuse("a reply is nested too deeply");
    auto* array = place(task, {.kind = RedisReply::Kind::array});
    array->elements.reserve(std::min(size, kMaxReserved));
    return array;
  }

  static void* make_integer(const redisReadTask* task, long long value) {
    return place(task, {.kind = RedisReply::Kind::integer, .integer = value});
  }
  static void* make_nil(const redisReadTask* task) { return place(task, {}); }
  static void destroy(void* reply) { delete static_cast<RedisReply*>(reply); }

  /// The types of RESP3, which newer releases know: we never ask for them.
  template <class Functions>
  static void refuse_resp3(Functions& functions) {
    const auto refuse_any = [](const redisReadTask* task, auto...) -> void* {
      return of(task).refuse("a reply is of a type of RESP3");
    };
    if constexpr (requires { functions.createDouble; }) functions.createDouble = refuse_any;
    if constexpr (requires { functions.createBool; }) functions.createBool = refuse_any;
  }

  static redisReplyObjectFunctions* functions() {
    static redisReplyObjectFunctions table = [] {
      redisReplyObjectFunctions made{};
      made.createString = make_string;
      // hiredis before 1.0 counts elements by int; neither gives a negative number
      made.createArray = [](const redisReadTask* task, auto size) {
        return make_array(task, static_cast<std::size_t>(size));
      };
      made.createInteger = make_integer;
      made.createNil = make_nil;
      made.freeObject = destroy;
      refuse_resp3(made);
      return made;
    }();
    return &table;
  }
};

// ---- The reader -----------------------------------------------------------------------------------------

void RedisReader::Free::operator()(redisReader* reader) const noexcept { redisReaderFree(reader); }

RedisReader::RedisReader(const RedisReplyLimits& limits)
    : progress_(std::make_unique<Progress>(limits)),
      reader_(redisReaderCreateWithFunctions(Progress::functions())) {
  reader_->privdata = progress_.get();
}

RedisReader::~RedisReader() = default;

void RedisReader::feed(std::string_view bytes) { redisReaderFeed(reader_.get(), bytes.data(), bytes.size()); }

Result<std::optional<RedisReply>> RedisReader::next() {
  if (failure_) return *failure_;
  void* made = nullptr;
  if (redisReaderGetReply(reader_.get(), &made) != REDIS_OK)
    return broken(progress_->fault ? progress_->fault : reader_->errstr);
  if (made) {
    const std::unique_ptr<RedisReply> reply(static_cast<RedisReply*>(made));
    progress_->begin_reply();
    return std::optional(std::move(*reply));
  }
  if (const char* fault = fault_in_unread()) return broken(fault);
  return std::optional<RedisReply>();
}

std::string_view RedisReader::unread() const noexcept {
  return {reader_->buf + reader_->pos, reader_->len - reader_->pos};
}

/// hiredis waits for the end of whatever has begun: what is too long already, or says that it will be, must
/// not make it wait. The byte that tells the type has been read by now.
const char* RedisReader::fault_in_unread() const noexcept {
  const auto rest = unread();
  const auto line = rest.substr(0, rest.find('\r'));
  if (line.size() > kMaxLine) return "a line of a reply is too long";
  if (line.size() == rest.size() || type_under_way(*reader_) != REDIS_REPLY_STRING) return nullptr;
  const auto announced = parse_decimal(line);
  const auto room = progress_->limits.bytes - std::min(progress_->bytes, progress_->limits.bytes);
  return announced && *announced > room ? "a reply is too large" : nullptr;
}

Error RedisReader::broken(std::string_view why) {
  failure_ = fail(ErrorKind::redis_protocol, std::string(why));
  return *failure_;
}

}  // namespace forebay::tier
