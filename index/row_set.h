#ifndef GRADMATCH_INDEX_ROW_SET_H_
#define GRADMATCH_INDEX_ROW_SET_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <vector>

namespace gradmatch {

// A row's place in one snapshot (or in one segment, where said). Dense, from 0.
// Means nothing in another snapshot; never stored or sent.
enum class RowId : uint32_t {};
constexpr uint32_t Index(RowId row) { return static_cast<uint32_t>(row); }

// A set of rows out of a fixed number of rows, as a dense bitmap: row r is bit
// r % 64 of word r / 64. Bits past the last row are always zero. Two sets that
// are combined must have the same number of rows. A value type; const methods
// may run concurrently.
class RowSet {
 public:
  static constexpr size_t kWordBits = 64;
  static constexpr size_t WordCount(size_t rows) {
    return (rows + kWordBits - 1) / kWordBits;
  }

  RowSet() = default;
  // No row set.
  explicit RowSet(size_t rows) : rows_(rows), words_(WordCount(rows)) {}
  static RowSet All(size_t rows);

  // How many rows there are, set or not.
  size_t rows() const { return rows_; }

  bool Test(RowId row) const {
    return (words_[Index(row) / kWordBits] >> (Index(row) % kWordBits)) & 1;
  }
  void Set(RowId row) { words_[Index(row) / kWordBits] |= Bit(row); }
  void Clear(RowId row) { words_[Index(row) / kWordBits] &= ~Bit(row); }
  // Sets the rows in [begin, end); end <= rows().
  void FillRange(size_t begin, size_t end);

  void And(const RowSet& other);
  void Or(const RowSet& other);
  // Takes the rows of `other` out.
  void AndNot(const RowSet& other);

  // How many rows are set.
  size_t Count() const;
  bool Any() const;

  // Calls f(RowId) for each set row, ascending.
  template <typename F>
  void ForEach(F f) const {
    for (size_t w = 0; w < words_.size(); ++w) {
      for (uint64_t bits = words_[w]; bits != 0; bits &= bits - 1) {
        f(static_cast<RowId>(w * kWordBits + std::countr_zero(bits)));
      }
    }
  }

  // Set rows, ascending: for (RowId row : set).
  class Iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = RowId;
    using difference_type = std::ptrdiff_t;
    using pointer = const RowId*;
    using reference = RowId;

    Iterator() = default;
    RowId operator*() const {
      return static_cast<RowId>(word_ * kWordBits + std::countr_zero(bits_));
    }
    Iterator& operator++() {
      bits_ &= bits_ - 1;
      SkipEmptyWords();
      return *this;
    }
    Iterator operator++(int) {
      Iterator old = *this;
      ++*this;
      return old;
    }
    bool operator==(const Iterator& other) const {
      return word_ == other.word_ && bits_ == other.bits_;
    }

   private:
    friend class RowSet;
    Iterator(std::span<const uint64_t> words, size_t word)
        : words_(words), word_(word) {
      if (word_ < words_.size()) bits_ = words_[word_];
      SkipEmptyWords();
    }
    void SkipEmptyWords() {
      while (bits_ == 0 && word_ < words_.size()) {
        if (++word_ < words_.size()) bits_ = words_[word_];
      }
    }
    std::span<const uint64_t> words_;
    size_t word_ = 0;
    uint64_t bits_ = 0;
  };
  Iterator begin() const { return Iterator(words_, 0); }
  Iterator end() const { return Iterator(words_, words_.size()); }

  // For filters that fill 64 rows at a time. Whoever writes words leaves the
  // bits past the last row zero; ClearTail does that.
  std::span<const uint64_t> words() const { return words_; }
  std::span<uint64_t> mutable_words() { return words_; }
  void ClearTail();

  friend bool operator==(const RowSet&, const RowSet&) = default;

 private:
  static uint64_t Bit(RowId row) {
    return uint64_t{1} << (Index(row) % kWordBits);
  }

  size_t rows_ = 0;
  std::vector<uint64_t> words_;
};

// How many rows are in both; no copy is made.
size_t CountBoth(const RowSet& a, const RowSet& b);

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_ROW_SET_H_
