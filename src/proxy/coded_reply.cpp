#include "coded_reply.hpp"

#include <optional>
#include <string>
#include <utility>

#include "coded_body.hpp"
#include "forebay/cache/recoded.hpp"

namespace forebay::proxy {
namespace {

/// Another reply but for the head.
class AlteredReply : public upstream::Reply {
 public:
  explicit AlteredReply(std::unique_ptr<upstream::Reply> reply) : reply_(std::move(reply)) {}

  const http::ResponseHead& head() const noexcept override { return head_; }
  io::BodySource& body() noexcept override { return reply_->body(); }
  WallTime request_time() const noexcept override { return reply_->request_time(); }
  WallTime response_time() const noexcept override { return reply_->response_time(); }
  bool request_sent() const noexcept override { return reply_->request_sent(); }
  io::Awaitable<void> stop_sending() override { return reply_->stop_sending(); }
  std::unique_ptr<io::Stream> take_stream(std::string& leftover) override {
    return reply_->take_stream(leftover);
  }

 protected:
  std::unique_ptr<upstream::Reply> reply_;
  http::ResponseHead head_;
};

class RecodedReply final : public AlteredReply {
 public:
  RecodedReply(Worker& worker, std::unique_ptr<upstream::Reply> reply, const cache::CodingPlan& plan)
      : AlteredReply(std::move(reply)) {
    head_ = cache::recoded_head(reply_->head(), plan, tag_);
    if (!plan.changes()) return;
    body_.emplace(worker, reply_->body(), plan);
    worker.metrics.recodings.add();
  }
  io::BodySource& body() noexcept override { return body_ ? *body_ : reply_->body(); }

 private:
  std::string tag_;
  std::optional<CodedBody> body_;
};

class ReplyAbout final : public AlteredReply {
 public:
  ReplyAbout(cache::StoredResponsePtr stored, std::unique_ptr<upstream::Reply> reply,
             const cache::Policy& policy)
      : AlteredReply(std::move(reply)), stored_(std::move(stored)) {
    head_ = cache::about_stored(reply_->head(), *stored_, policy);
  }

 private:
  cache::StoredResponsePtr stored_;
};

}  // namespace

std::unique_ptr<upstream::Reply> recode(Worker& worker, std::unique_ptr<upstream::Reply> reply,
                                        const cache::CodingPlan& plan) {
  if (!plan.changes() && !plan.varies) return reply;
  return std::make_unique<RecodedReply>(worker, std::move(reply), plan);
}

std::unique_ptr<upstream::Reply> in_terms_of(cache::StoredResponsePtr stored,
                                             std::unique_ptr<upstream::Reply> reply,
                                             const cache::Policy& policy) {
  return std::make_unique<ReplyAbout>(std::move(stored), std::move(reply), policy);
}

cache::CodingPlan affordable(tier::MemoryTier& memory, cache::CodingPlan plan) {
  // A client that does not take the coding cannot wait for room: that is charged in any case.
  if (plan.changes() && plan.from == http::Coding::identity && !memory.make_room(recoding_bytes(plan)))
    plan.to = plan.from;
  return plan;
}

}  // namespace forebay::proxy
