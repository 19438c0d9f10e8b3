#ifndef GRADMATCH_TESTS_FAKES_FAULTY_STORE_H_
#define GRADMATCH_TESTS_FAKES_FAULTY_STORE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "index/store.h"

namespace gradmatch {

// Passes everything to another store until the n-th write (counted from 1),
// which fails; all later writes fail too, as those of a real store do. Reads
// go on. A n of 0 never fails.
class FaultyStore : public Store {
 public:
  enum class Failure {
    kNothingKept,  // the failed batch is lost
    kBatchKept,    // it reached the disk, the acknowledgement was lost
  };

  // `base` is borrowed and outlives this.
  FaultyStore(Store& base, int64_t fail_at,
              Failure failure = Failure::kNothingKept)
      : base_(base), fail_at_(fail_at), failure_(failure) {}

  absl::StatusOr<std::string> Get(Family family,
                                  std::string_view key) const override {
    return base_.Get(family, key);
  }
  absl::StatusOr<std::vector<std::optional<std::string>>> MultiGet(
      Family family, std::span<const std::string> keys) const override {
    return base_.MultiGet(family, keys);
  }
  std::unique_ptr<Cursor> Scan(Family family,
                               const KeyRange& range) const override {
    return base_.Scan(family, range);
  }
  std::unique_ptr<Cursor> ScanBack(Family family,
                                   const KeyRange& range) const override {
    return base_.ScanBack(family, range);
  }
  absl::Status Write(const WriteBatch& batch, Durability durability) override;
  absl::Status Purge(std::span<const FamilyRange> ranges) override {
    return base_.Purge(ranges);
  }
  absl::StatusOr<FileSearch> Search(const ByteSearch& needles) const override {
    return base_.Search(needles);
  }

  // Writes asked for so far, failed ones too.
  int64_t writes() const { return writes_.load(); }
  bool failed() const { return fail_at_ > 0 && writes() >= fail_at_; }

 private:
  Store& base_;
  const int64_t fail_at_;
  const Failure failure_;
  std::atomic<int64_t> writes_ = 0;
};

}  // namespace gradmatch

#endif  // GRADMATCH_TESTS_FAKES_FAULTY_STORE_H_
