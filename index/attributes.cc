#include "index/attributes.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "index/content_hash.h"

namespace gradmatch {
namespace {

constexpr size_t kWordBits = RowSet::kWordBits;

static_assert(std::endian::native == std::endian::little);

// Eight bytes that are 0 or 1 become eight bits: the product moves byte i to
// bit 56 + i, and no two terms meet.
uint64_t PackBytes(const uint8_t* bytes) {
  uint64_t eight;
  std::memcpy(&eight, bytes, sizeof eight);
  return (eight * 0x0102040810204080u) >> 56;
}

// Compares in one step: values below `lo` wrap around to large numbers.
uint64_t RangeWord(const int32_t* values, uint32_t lo, uint32_t width) {
  uint8_t in[kWordBits];
  for (size_t j = 0; j < kWordBits; ++j) {
    in[j] = static_cast<uint32_t>(values[j]) - lo <= width;
  }
  uint64_t word = 0;
  for (size_t j = 0; j < kWordBits; j += 8) word |= PackBytes(in + j) << j;
  return word;
}

template <typename T>
size_t Bytes(const std::vector<T>& v) {
  return v.capacity() * sizeof(T);
}

}  // namespace

absl::Status ValidateAttributes(const AttributeRow& row,
                                const ColumnSchema& schema) {
  if (row.scalars.size() == schema.scalars.size() &&
      row.sets.size() == schema.sets.size()) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("attributes have ", row.scalars.size(), " scalars and ",
                   row.sets.size(), " sets; the schema has ",
                   schema.scalars.size(), " and ", schema.sets.size()));
}

void Attributes::ScalarInRange(size_t column, int32_t lo, int32_t hi,
                               std::span<uint64_t> words) const {
  std::fill(words.begin(), words.end(), ~uint64_t{0});
  if (rows_ % kWordBits != 0) {
    words.back() = ~uint64_t{0} >> (kWordBits - rows_ % kWordBits);
  }
  NarrowToRange(column, lo, hi, words);
}

void Attributes::NarrowToRange(size_t column, int32_t lo, int32_t hi,
                               std::span<uint64_t> words) const {
  const std::vector<int32_t>& values = scalars_[column];
  if (!scalar_indexes_[column].empty()) {
    scalar_indexes_[column].Narrow(values, lo, hi, words);
    return;
  }
  if (lo > hi) {
    std::fill(words.begin(), words.end(), 0);
    return;
  }
  const uint32_t from = static_cast<uint32_t>(lo);
  const uint32_t width = static_cast<uint32_t>(hi) - from;
  const size_t whole = rows_ / kWordBits;
  for (size_t w = 0; w < whole; ++w) {
    words[w] &= RangeWord(values.data() + w * kWordBits, from, width);
  }
  if (rows_ % kWordBits == 0) return;
  uint64_t last = 0;
  for (size_t r = whole * kWordBits; r < rows_; ++r) {
    const bool in = static_cast<uint32_t>(values[r]) - from <= width;
    last |= uint64_t{in} << (r % kWordBits);
  }
  words[whole] &= last;
}

void Attributes::SetContainsAny(size_t column, std::span<const uint64_t> values,
                                std::span<uint64_t> words) const {
  std::fill(words.begin(), words.end(), 0);
  AddContainsAny(column, values, words);
}

void Attributes::AddContainsAny(size_t column, std::span<const uint64_t> values,
                                std::span<uint64_t> words) const {
  const SetColumn& set = sets_[column];
  for (uint64_t value : values) {
    const auto it =
        std::lower_bound(set.values.begin(), set.values.end(), value);
    if (it == set.values.end() || *it != value) continue;
    const ValueRows& found = set.value_rows[it - set.values.begin()];
    if (found.dense) {
      const uint64_t* bitmap = set.bitmaps.data() + found.begin;
      for (size_t w = 0; w < words.size(); ++w) words[w] |= bitmap[w];
    } else {
      for (uint32_t i = 0; i < found.count; ++i) {
        const uint32_t row = set.rows[found.begin + i];
        words[row / kWordBits] |= uint64_t{1} << (row % kWordBits);
      }
    }
  }
}

std::span<const uint64_t> Attributes::SetValues(size_t column,
                                                RowId row) const {
  const SetColumn& set = sets_[column];
  const uint32_t list = set.list_of_row[Index(row)];
  const uint32_t begin = set.list_begin[list];
  return std::span(set.list_values)
      .subspan(begin, set.list_begin[list + 1] - begin);
}

size_t Attributes::MemoryBytes() const {
  size_t bytes = sizeof *this;
  for (const auto& column : scalars_) bytes += Bytes(column);
  for (const ScalarIndex& index : scalar_indexes_) bytes += index.MemoryBytes();
  for (const SetColumn& s : sets_) {
    bytes += sizeof s + Bytes(s.list_of_row) + Bytes(s.list_begin) +
             Bytes(s.list_values) + Bytes(s.values) + Bytes(s.value_rows) +
             Bytes(s.rows) + Bytes(s.bitmaps);
  }
  return bytes;
}

// Turns the lists by row into rows by value.
void Attributes::IndexValues(size_t rows, SetColumn& column) {
  column.values = column.list_values;
  std::sort(column.values.begin(), column.values.end());
  column.values.erase(std::unique(column.values.begin(), column.values.end()),
                      column.values.end());
  column.values.shrink_to_fit();

  // Each list value's place among the values, so that rows need no search.
  std::vector<uint32_t> places(column.list_values.size());
  for (size_t i = 0; i < places.size(); ++i) {
    places[i] = std::lower_bound(column.values.begin(), column.values.end(),
                                 column.list_values[i]) -
                column.values.begin();
  }
  const auto for_each_entry = [&](auto f) {
    for (uint32_t row = 0; row < rows; ++row) {
      const uint32_t list = column.list_of_row[row];
      const uint32_t end = column.list_begin[list + 1];
      for (uint32_t i = column.list_begin[list]; i < end; ++i) {
        f(row, column.value_rows[places[i]]);
      }
    }
  };

  column.value_rows.resize(column.values.size());
  for_each_entry([](uint32_t, ValueRows& v) { ++v.count; });
  const size_t words = RowSet::WordCount(rows);
  uint32_t listed = 0;
  uint32_t mapped = 0;
  for (ValueRows& v : column.value_rows) {
    v.dense = v.count * sizeof(uint32_t) > words * sizeof(uint64_t);
    v.begin = v.dense ? mapped : listed;
    (v.dense ? mapped : listed) += v.dense ? words : v.count;
    v.count = 0;
  }
  column.rows.resize(listed);
  column.bitmaps.resize(mapped);
  for_each_entry([&](uint32_t row, ValueRows& v) {
    if (v.dense) {
      column.bitmaps[v.begin + row / kWordBits] |= uint64_t{1}
                                                   << (row % kWordBits);
    } else {
      column.rows[v.begin + v.count] = row;
    }
    ++v.count;
  });
}

// Remembers one list by hash. Two lists of one hash are both kept, which costs
// memory and nothing else.
struct Attributes::Builder::Interner {
  absl::flat_hash_map<uint64_t, uint32_t> list_by_hash;
};

Attributes::Builder::Builder(const ColumnSchema& schema)
    : interners_(schema.sets.size()) {
  built_.scalars_.resize(schema.scalars.size());
  built_.sets_.resize(schema.sets.size());
  for (SetColumn& set : built_.sets_) set.list_begin.push_back(0);
}

Attributes::Builder::~Builder() = default;
Attributes::Builder::Builder(Builder&&) noexcept = default;

void Attributes::Builder::Reserve(size_t rows) {
  for (auto& column : built_.scalars_) column.reserve(rows);
  for (SetColumn& set : built_.sets_) set.list_of_row.reserve(rows);
}

void Attributes::Builder::Add(const AttributeRow& row) {
  for (size_t c = 0; c < built_.scalars_.size(); ++c) {
    built_.scalars_[c].push_back(row.scalars[c]);
  }
  for (size_t c = 0; c < built_.sets_.size(); ++c) {
    scratch_ = row.sets[c];
    std::sort(scratch_.begin(), scratch_.end());
    scratch_.erase(std::unique(scratch_.begin(), scratch_.end()),
                   scratch_.end());
    built_.sets_[c].list_of_row.push_back(Intern(c, scratch_));
  }
  ++built_.rows_;
}

void Attributes::Builder::AddFrom(const Attributes& other, RowId row) {
  for (size_t c = 0; c < built_.scalars_.size(); ++c) {
    built_.scalars_[c].push_back(other.Scalar(c, row));
  }
  for (size_t c = 0; c < built_.sets_.size(); ++c) {
    built_.sets_[c].list_of_row.push_back(Intern(c, other.SetValues(c, row)));
  }
  ++built_.rows_;
}

uint32_t Attributes::Builder::Intern(size_t column,
                                     std::span<const uint64_t> sorted) {
  SetColumn& set = built_.sets_[column];
  const uint64_t hash = ContentHash(std::string_view(
      reinterpret_cast<const char*>(sorted.data()), sorted.size_bytes()));
  const uint32_t next = set.list_begin.size() - 1;
  const auto [it, inserted] =
      interners_[column].list_by_hash.try_emplace(hash, next);
  if (!inserted) {
    const uint32_t begin = set.list_begin[it->second];
    const uint32_t end = set.list_begin[it->second + 1];
    if (std::equal(sorted.begin(), sorted.end(),
                   set.list_values.begin() + begin,
                   set.list_values.begin() + end)) {
      return it->second;
    }
  }
  set.list_values.insert(set.list_values.end(), sorted.begin(), sorted.end());
  set.list_begin.push_back(set.list_values.size());
  return next;
}

Attributes Attributes::Builder::Build() && {
  for (const auto& column : built_.scalars_) {
    built_.scalar_indexes_.emplace_back(column);
  }
  for (SetColumn& set : built_.sets_) {
    set.list_begin.shrink_to_fit();
    set.list_values.shrink_to_fit();
    IndexValues(built_.rows_, set);
  }
  return std::move(built_);
}

}  // namespace gradmatch
