#ifndef GRADMATCH_MATCHER_PUSH_EDGE_LIST_H_
#define GRADMATCH_MATCHER_PUSH_EDGE_LIST_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace gradmatch {

// A posting that could be pushed to a graduate. 8 bytes, since a nation has a
// thousand million of them.
struct Edge {
  uint32_t posting = 0;  // row of the run's snapshot
  float score = 0;
  friend bool operator==(const Edge&, const Edge&) = default;
};

// The edges of all graduates of a run, by graduate (counted from 0). Kept in
// blocks of kBlock graduates, so that threads fill blocks side by side and
// growing never copies. Filled by SetBlock from several threads, one block
// each; read-only afterwards.
class EdgeList {
 public:
  static constexpr size_t kBlock = 256;

  // The edges of up to kBlock consecutive graduates.
  class Block {
   public:
    // Adds the next graduate. At most 65,535 edges each.
    void Add(std::span<const Edge> edges) {
      edges_.insert(edges_.end(), edges.begin(), edges.end());
      ends_.push_back(static_cast<uint32_t>(edges_.size()));
    }
    void Shrink() { edges_.shrink_to_fit(); }

   private:
    friend class EdgeList;
    std::vector<Edge> edges_;
    std::vector<uint32_t> ends_;
  };

  explicit EdgeList(size_t graduates)
      : graduates_(graduates), blocks_((graduates + kBlock - 1) / kBlock) {}

  size_t graduates() const { return graduates_; }
  size_t blocks() const { return blocks_.size(); }
  // Graduates of a block: [first, second).
  std::pair<size_t, size_t> Range(size_t block) const {
    const size_t begin = block * kBlock;
    return {begin, begin + kBlock < graduates_ ? begin + kBlock : graduates_};
  }
  void SetBlock(size_t block, Block edges) {
    blocks_[block] = std::move(edges);
  }

  std::span<const Edge> Of(size_t graduate) const {
    const Block& block = blocks_[graduate / kBlock];
    const size_t local = graduate % kBlock;
    const uint32_t begin = local == 0 ? 0 : block.ends_[local - 1];
    return {block.edges_.data() + begin, block.ends_[local] - begin};
  }

  int64_t CountEdges() const {
    int64_t count = 0;
    for (const Block& block : blocks_) count += block.edges_.size();
    return count;
  }

 private:
  size_t graduates_;
  std::vector<Block> blocks_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_PUSH_EDGE_LIST_H_
