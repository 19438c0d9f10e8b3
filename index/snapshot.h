#ifndef GRADMATCH_INDEX_SNAPSHOT_H_
#define GRADMATCH_INDEX_SNAPSHOT_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "index/embedding.h"
#include "index/row_set.h"
#include "index/segment.h"
#include "index/vector_index.h"

namespace gradmatch {

// A collection as it was at one generation: what a request reads from start to
// end. Immutable, so all methods may run concurrently; whoever holds it may
// keep it as long as it likes, at the price of the memory.
//
// Rows number the segments one after the other, each starting at a multiple of
// 64, so some RowIds in [0, rows()) are padding and some are dead (replaced,
// closed, deleted). live() has the others. Methods that take a RowId want a
// live one.
class Snapshot {
 public:
  // Sets first_row of each view. Every segment has the shape's columns.
  Snapshot(uint64_t generation, const IndexShape& shape,
           std::vector<SegmentView> segments);

  // The last change that is visible here.
  uint64_t generation() const { return generation_; }
  const std::string& encoder_id() const { return encoder_id_; }
  size_t dimension() const { return dimension_; }

  // The size of every RowSet over this snapshot, padding included.
  size_t rows() const { return live_.rows(); }
  const RowSet& live() const { return live_; }
  size_t live_rows() const { return live_rows_; }

  // The record's id as it was given to the catalog; valid as long as this.
  std::string_view Id(RowId row) const;
  std::optional<RowId> Find(std::string_view id) const;

  // Filters. lo <= value <= hi; the set has one of `values` at least. Dead rows
  // may be in the answer, padding never: And() it with live().
  RowSet ScalarInRange(size_t column, int32_t lo, int32_t hi) const;
  RowSet SetContainsAny(size_t column, std::span<const uint64_t> values) const;
  // The same into a row set of rows(): takes out what is not in the range, puts
  // in what has one of the values.
  void NarrowToRange(size_t column, int32_t lo, int32_t hi, RowSet& rows) const;
  void AddContainsAny(size_t column, std::span<const uint64_t> values,
                      RowSet& rows) const;

  int32_t Scalar(size_t column, RowId row) const;
  // Ascending, without repeats; valid as long as this.
  std::span<const uint64_t> SetValues(size_t column, RowId row) const;
  // Every value some row has, dead ones included; ascending, without repeats.
  std::vector<uint64_t> DistinctSetValues(size_t column) const;
  std::span<const float> Vector(RowId row) const;

  // At most `k` live rows of `eligible`, best first, ties by record id: the
  // answer depends on the records alone, not on how they came to be segments.
  // Fewer than `k` only if fewer are live and eligible. InvalidArgument on a
  // query of another dimension or with a number that is not finite, or a row
  // set of another size.
  absl::StatusOr<std::vector<Neighbor>> Search(std::span<const float> query,
                                               size_t k, const RowSet& eligible,
                                               SearchPlan plan) const;
  // One similarity a row, in order. InvalidArgument as Search.
  absl::StatusOr<std::vector<float>> Similarities(
      std::span<const float> query, std::span<const RowId> rows) const;

  std::span<const SegmentView> segments() const { return segments_; }
  size_t MemoryBytes() const;

 private:
  const SegmentView& Locate(RowId row, RowId& local) const;

  const uint64_t generation_;
  const std::string encoder_id_;
  const size_t dimension_;
  std::vector<SegmentView> segments_;
  RowSet live_;
  size_t live_rows_ = 0;
};

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_SNAPSHOT_H_
