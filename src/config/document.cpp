#include "config/document.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <exception>
#include <sstream>
#include <unordered_map>
#include <utility>

#include "config/words.hpp"

namespace forebay::config {

namespace {

Place place_of(const YAML::Mark& mark) {
  return mark.is_null() ? Place{} : Place{mark.line + 1, mark.column + 1};
}

/// Builds the tree from the parser's events. A Rejection thrown here leaves through the parser, whose
/// recursion is thereby bounded by ours: each level of it announces itself with a start event first.
class Builder final : public YAML::EventHandler {
 public:
  Document take() { return std::move(document_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (std::exchange(started_, true)) reject(mark, "a second document; the file must hold one");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    attach({&add(mark, anchor, Node::Kind::nothing), place_of(mark)});
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) reject(mark, "an alias without an anchor");
    if (!found->second->complete) reject(mark, "an alias within its own anchor");
    attach({found->second, place_of(mark)});
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    check_tag(mark, tag);
    Node& node = add(mark, anchor, Node::Kind::scalar);
    node.text = value;
    node.bytes_within = value.size();
    attach({&node, place_of(mark)});
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Node::Kind::list);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Node::Kind::map);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Frame {
    Node* node;
    Place place;
    Item key{};  // of a map: waits for its value
  };

  [[noreturn]] static void reject(const YAML::Mark& mark, std::string message) {
    throw Rejection{place_of(mark), std::move(message)};
  }

  static void check_tag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!" || tag.starts_with("tag:yaml.org,2002:")) return;
    reject(mark, "a tag of its own; only plain YAML is understood");
  }

  Node& add(const YAML::Mark& mark, YAML::anchor_t anchor, Node::Kind kind) {
    if (document_.nodes.size() >= kMaxNodes) reject(mark, "too many values; at most 100000 are allowed");
    Node& node = document_.nodes.emplace_back();
    node.kind = kind;
    if (anchor != YAML::NullAnchor) anchors_[anchor] = &node;
    return node;
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Node::Kind kind) {
    check_tag(mark, tag);
    if (frames_.size() >= kMaxDepth) reject(mark, "nested too deeply; at most 32 levels are allowed");
    Node& node = add(mark, anchor, kind);
    node.complete = false;
    frames_.push_back({&node, place_of(mark)});
  }

  void close() {
    const Frame frame = frames_.back();
    frames_.pop_back();
    frame.node->complete = true;
    attach({frame.node, frame.place});
  }

  void attach(const Item& item) {
    if (frames_.empty()) {
      document_.root = item;
      return;
    }
    Frame& frame = frames_.back();
    count(*frame.node, item);
    if (frame.node->kind == Node::Kind::list) {
      frame.node->items.push_back(item);
    } else if (frame.key.node == nullptr) {
      frame.key = item;
    } else {
      const Item key = std::exchange(frame.key, {});
      // the parser finds that a value is missing only behind it
      const Place place = item.node->kind == Node::Kind::nothing ? key.place : item.place;
      frame.node->members.push_back({key, {item.node, place}});
    }
  }

  void count(Node& parent, const Item& child) const {
    parent.nodes_within += child.node->nodes_within;
    parent.bytes_within += child.node->bytes_within;
    parent.height = std::max(parent.height, child.node->height + 1);
    if (parent.nodes_within > kMaxNodes || parent.bytes_within > kMaxNodeBytes) {
      throw Rejection{child.place, "too many values once aliases are followed; at most 100000 are allowed"};
    }
    if (frames_.size() + child.node->height > kMaxDepth + 1) {
      throw Rejection{child.place,
                      "nested too deeply once aliases are followed; at most 32 levels are allowed"};
    }
  }

  Document document_;
  std::vector<Frame> frames_;
  std::unordered_map<YAML::anchor_t, Node*> anchors_;
  bool started_ = false;
};

/// yaml-cpp takes the end of the text for the end of a quoted scalar or of a key without a colon; a comment
/// behind them makes it see that they are not finished.
std::string with_visible_end(std::string_view text) {
  std::string out(text);
  if (!out.empty() && out.back() != '\n') out += '\n';
  return out + '#';
}

/// For the mistake that our own notation invites.
std::string advice(std::string_view text, Place place) {
  for (int line = 1; line < place.line && !text.empty(); ++line) {
    text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  }
  const bool has_variable = text.substr(0, text.find('\n')).find("${") != text.npos;
  return has_variable ? "; within braces or brackets `${...}` needs quotes" : "";
}

Document build(std::string_view text) {
  std::istringstream input{with_visible_end(text)};
  YAML::Parser parser(input);
  Builder builder;
  while (parser.HandleNextDocument(builder)) {
  }
  Document document = builder.take();
  if (document.root.node == nullptr) document.root.node = &document.nodes.emplace_back();
  return document;
}

}  // namespace

std::variant<Document, Rejection> parse_document(std::string_view text) {
  if (text.size() > kMaxTextBytes) return Rejection{{}, "larger than 1MiB"};
  try {
    return build(text);
  } catch (const Rejection& rejection) {
    return rejection;
  } catch (const YAML::Exception& error) {
    const Place place = place_of(error.mark);
    return Rejection{place, "not valid YAML: " + printable(error.msg) + advice(text, place)};
  } catch (const std::exception& error) {  // what the parser itself trips over
    return Rejection{{}, "not valid YAML: " + printable(error.what())};
  }
}

}  // namespace forebay::config
