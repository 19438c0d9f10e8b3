#ifndef GRADMATCH_INDEX_ATTRIBUTES_H_
#define GRADMATCH_INDEX_ATTRIBUTES_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "index/row_set.h"
#include "index/scalar_index.h"

namespace gradmatch {

// Which columns a collection has. A value given to the index, which knows no
// column by name: columns are addressed by their place in these lists.
struct ColumnSchema {
  std::vector<std::string> scalars;
  std::vector<std::string> sets;
  friend bool operator==(const ColumnSchema&, const ColumnSchema&) = default;
};

// The attributes of one row, in the schema's order. Sets need not be sorted.
struct AttributeRow {
  std::vector<int32_t> scalars;
  std::vector<std::vector<uint64_t>> sets;
};

// InvalidArgument unless `row` has the columns of `schema`.
absl::Status ValidateAttributes(const AttributeRow& row,
                                const ColumnSchema& schema);

// The attribute columns of one segment: 32-bit scalars, and sets of 64-bit
// values. Immutable once built, so all methods may run concurrently. Columns
// and rows are counted from 0 and must be in range.
class Attributes {
 public:
  class Builder;

  size_t rows() const { return rows_; }

  // Both write RowSet::WordCount(rows()) words; bits past the last row are
  // zero. ScalarInRange: lo <= value <= hi. SetContainsAny: the row's set has
  // one of `values` at least; no values, no rows.
  void ScalarInRange(size_t column, int32_t lo, int32_t hi,
                     std::span<uint64_t> words) const;
  void SetContainsAny(size_t column, std::span<const uint64_t> values,
                      std::span<uint64_t> words) const;
  // The same into what is there: rows out of the range are taken out, rows with
  // one of the values are put in.
  void NarrowToRange(size_t column, int32_t lo, int32_t hi,
                     std::span<uint64_t> words) const;
  void AddContainsAny(size_t column, std::span<const uint64_t> values,
                      std::span<uint64_t> words) const;

  int32_t Scalar(size_t column, RowId row) const {
    return scalars_[column][Index(row)];
  }
  // Ascending, without repeats. Valid as long as this object.
  std::span<const uint64_t> SetValues(size_t column, RowId row) const;

  // Every value some row has, ascending. Valid as long as this object.
  std::span<const uint64_t> DistinctSetValues(size_t column) const {
    return sets_[column].values;
  }

  size_t MemoryBytes() const;

 private:
  // Rows that have one value: a list when few, a bitmap when a list would be
  // larger.
  struct ValueRows {
    uint32_t begin = 0;  // into `rows`, or into `bitmaps`
    uint32_t count = 0;
    bool dense = false;
  };
  // Many rows share a set ("whole country", one major group), so each distinct
  // set is kept once and a row names it.
  struct SetColumn {
    std::vector<uint32_t> list_of_row;
    std::vector<uint32_t> list_begin;  // into list_values, one more than lists
    std::vector<uint64_t> list_values;
    std::vector<uint64_t> values;  // ascending; value_rows runs alongside
    std::vector<ValueRows> value_rows;
    std::vector<uint32_t> rows;
    std::vector<uint64_t> bitmaps;
  };

  static void IndexValues(size_t rows, SetColumn& column);

  size_t rows_ = 0;
  std::vector<std::vector<int32_t>> scalars_;
  std::vector<ScalarIndex> scalar_indexes_;  // runs alongside
  std::vector<SetColumn> sets_;
};

// Collects rows in order, then builds. Used by one thread, once.
class Attributes::Builder {
 public:
  explicit Builder(const ColumnSchema& schema);
  ~Builder();
  Builder(Builder&&) noexcept;

  void Reserve(size_t rows);
  // `row` must satisfy ValidateAttributes.
  void Add(const AttributeRow& row);
  // Adds a row of another segment of the same schema.
  void AddFrom(const Attributes& other, RowId row);
  Attributes Build() &&;

 private:
  struct Interner;
  uint32_t Intern(size_t column, std::span<const uint64_t> sorted);

  Attributes built_;
  std::vector<Interner> interners_;  // one a set column
  std::vector<uint64_t> scratch_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_ATTRIBUTES_H_
