#ifndef GRADMATCH_INDEX_SEGMENT_H_
#define GRADMATCH_INDEX_SEGMENT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "index/attributes.h"
#include "index/coded_scan.h"
#include "index/embedding.h"
#include "index/exact_scan.h"
#include "index/faiss_flat_index.h"
#include "index/row_set.h"
#include "index/vector_index.h"

namespace gradmatch {

// What all segments of a collection share.
struct IndexShape {
  ColumnSchema schema;
  std::string encoder_id;
  size_t dimension = kDefaultDimension;
};

// One row on its way into a segment.
struct SegmentRow {
  std::string id;
  Embedding embedding;
  AttributeRow attributes;
};

class Segment;

// A segment with the rows of it that still count; first_row is where its rows
// start in a snapshot, a multiple of 64.
struct SegmentView {
  std::shared_ptr<const Segment> segment;
  std::shared_ptr<const RowSet> live;
  uint32_t first_row = 0;
};

// Which index answers a search. All give the same answer.
enum class SearchPlan {
  kExactScan,  // scores each eligible row
  kCodedScan,  // scores the rows that int8 codes leave over
  kFlat,       // Faiss
};

// Immutable rows: record ids, embeddings, attributes. Rows are in ascending
// order of record id, so that a tie decided by row is decided by record id,
// whatever the history of merges. RowIds here count within the segment. All
// methods may run concurrently.
class Segment {
 public:
  // InvalidArgument on a repeated id, an embedding or attributes that do not
  // fit `shape`. `rows` in any order, not empty.
  static absl::StatusOr<std::shared_ptr<const Segment>> Build(
      const IndexShape& shape, std::vector<SegmentRow> rows);
  // One segment of the live rows of `parts`; no id may be live in two of them.
  // At least one row must be live.
  static absl::StatusOr<std::shared_ptr<const Segment>> Merge(
      const IndexShape& shape, std::span<const SegmentView> parts);

  size_t rows() const { return vectors_->rows(); }
  const std::string& encoder_id() const { return encoder_id_; }
  std::string_view Id(RowId row) const;
  std::optional<RowId> Find(std::string_view id) const;
  const Attributes& attributes() const { return attributes_; }
  std::span<const float> Vector(RowId row) const {
    return vectors_->Vector(row);
  }
  const VectorIndex& index(SearchPlan plan) const;

  size_t MemoryBytes() const;

 private:
  Segment(std::string encoder_id, std::string id_bytes,
          std::vector<uint64_t> id_begin, Attributes attributes,
          std::unique_ptr<FaissFlatIndex> vectors);

  const std::string encoder_id_;
  const std::string id_bytes_;
  const std::vector<uint64_t> id_begin_;  // into id_bytes_, one more than rows
  const Attributes attributes_;
  const std::unique_ptr<FaissFlatIndex> vectors_;
  // Over the vectors that vectors_ owns.
  const ExactScan scan_;
  const CodedScan coded_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_SEGMENT_H_
