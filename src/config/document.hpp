// A YAML text as a tree of nodes that know their places. document.cpp is the only file that speaks to
// yaml-cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace forebay::config {

/// Line and column, counted from 1; 0 where the place is not known.
struct Place {
  int line = 0;
  int column = 0;

  friend bool operator==(const Place&, const Place&) = default;
};

struct Node;

/// A node where it is used: for an alias the place is the alias's, the node is the anchor's.
struct Item {
  const Node* node = nullptr;
  Place place;
};

struct Member {
  Item key;
  Item value;
};

/// Scalars are kept as text whatever their YAML type: the option decides what a text means.
struct Node {
  enum class Kind : std::uint8_t { nothing, scalar, list, map };

  Kind kind = Kind::nothing;
  std::string text{};             // of a scalar
  std::vector<Item> items{};      // of a list
  std::vector<Member> members{};  // of a map, in order; keys may repeat

  // What a walk through the node meets, aliases followed; kept so that a small file cannot become a large
  // tree.
  std::size_t nodes_within = 1;
  std::size_t bytes_within = 0;
  std::size_t height = 1;
  bool complete = true;
};

/// Owns its nodes; they live as long as the document and never change.
struct Document {
  std::deque<Node> nodes;
  Item root;
};

/// Why a text is not a document.
struct Rejection {
  Place place;
  std::string message;
};

inline constexpr std::size_t kMaxTextBytes = 1 << 20;
inline constexpr std::size_t kMaxDepth = 32;
inline constexpr std::size_t kMaxNodes = 100'000;      // aliases followed
inline constexpr std::size_t kMaxNodeBytes = 4 << 20;  // the scalars of those nodes

/// Reads one YAML document; an empty text is a document of nothing. Never recurses deeper than kMaxDepth.
std::variant<Document, Rejection> parse_document(std::string_view text);

}  // namespace forebay::config
