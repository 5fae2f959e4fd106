// Reads a response and compares its body with the one expected.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

namespace load {

/// Takes a response's bytes as they come; its body, by Content-Length or chunked, must be the one expected.
class ResponseReader {
 public:
  enum class State { head, body, chunk_size, chunk_end, trailers, done, wrong };

  void expect(std::string_view body) {
    expected_ = body;
    received_ = 0;
    head_.clear();
    line_.clear();
    state_ = State::head;
  }
  State state() const { return state_; }
  bool ended() const { return state_ == State::done || state_ == State::wrong; }
  std::uint64_t received() const { return received_; }
  const std::string& head() const { return head_; }
  const char* what() const { return what_; }

  void feed(std::string_view bytes) {
    while (!bytes.empty() && !ended()) {
      switch (state_) {
        case State::head: take_head(bytes); break;
        case State::body: take_body(bytes); break;
        default: take_line(bytes); break;
      }
    }
    if (!bytes.empty()) fail("bytes behind the end");
  }

 private:
  void fail(const char* what) {
    what_ = what;
    state_ = State::wrong;
  }

  void take_head(std::string_view& bytes) {
    const auto before = head_.size();
    head_.append(bytes.substr(0, 16384));
    const auto end = head_.find("\r\n\r\n", before < 3 ? 0 : before - 3);
    if (end == std::string::npos) return bytes.remove_prefix(std::min<std::size_t>(bytes.size(), 16384));
    bytes.remove_prefix(end + 4 - before);
    head_.resize(end + 4);
    if (!head_.starts_with("HTTP/1.1 200")) return fail("not a 200");
    chunked_ = head_.find("\r\nTransfer-Encoding: chunked\r\n") != std::string::npos;
    if (chunked_) {
      state_ = State::chunk_size;
      return;
    }
    const auto length = head_.find("\r\nContent-Length: ");
    if (length == std::string::npos) return fail("neither length nor chunks");
    left_ = std::strtoull(head_.c_str() + length + 18, nullptr, 10);
    if (left_ != expected_.size()) return fail("another length");
    state_ = left_ > 0 ? State::body : State::done;
  }

  void take_body(std::string_view& bytes) {
    const auto size = std::min<std::uint64_t>(bytes.size(), left_);
    if (received_ + size > expected_.size()) return fail("longer than expected");
    if (std::memcmp(bytes.data(), expected_.data() + received_, size) != 0) return fail("another body");
    received_ += size;
    left_ -= size;
    bytes.remove_prefix(size);
    if (left_ > 0) return;
    state_ = chunked_ ? State::chunk_end : State::done;
  }

  void take_line(std::string_view& bytes) {
    const auto end = bytes.find('\n');
    if (end == std::string_view::npos) {
      line_.append(bytes);
      bytes = {};
      return;
    }
    line_.append(bytes.substr(0, end + 1));
    bytes.remove_prefix(end + 1);
    if (state_ == State::chunk_size) {
      left_ = std::strtoull(line_.c_str(), nullptr, 16);
      state_ = left_ > 0 ? State::body : State::trailers;
    } else if (state_ == State::chunk_end) {
      state_ = State::chunk_size;
    } else if (line_ == "\r\n") {
      state_ = State::done;
      if (received_ != expected_.size()) fail("shorter than expected");
    }
    line_.clear();
  }

  std::string_view expected_;
  std::uint64_t received_ = 0;
  std::uint64_t left_ = 0;
  bool chunked_ = false;
  State state_ = State::done;
  std::string head_;
  std::string line_;
  const char* what_ = "";
};

}  // namespace load
