#ifndef GRADMATCH_TESTS_FAKES_IN_MEMORY_STORE_H_
#define GRADMATCH_TESTS_FAKES_IN_MEMORY_STORE_H_

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "index/store.h"

namespace gradmatch {

// A Store in ordered maps. Passes the same conformance tests as the one on
// disk. Keeps what it has while it lives: "reopen" by using it again.
class InMemoryStore : public Store {
 public:
  absl::StatusOr<std::string> Get(Family family,
                                  std::string_view key) const override;
  absl::StatusOr<std::vector<std::optional<std::string>>> MultiGet(
      Family family, std::span<const std::string> keys) const override;
  // Copies the range, so the cursor may outlive later writes.
  std::unique_ptr<Cursor> Scan(Family family,
                               const KeyRange& range) const override;
  std::unique_ptr<Cursor> ScanBack(Family family,
                                   const KeyRange& range) const override;
  absl::Status Write(const WriteBatch& batch, Durability durability) override;
  // Nothing to do: what is deleted is gone.
  absl::Status Purge(std::span<const FamilyRange> ranges) override;
  // Families are its files.
  absl::StatusOr<FileSearch> Search(const ByteSearch& needles) const override;

  // How many batches were written, for tests of group commit.
  int64_t writes() const;

 private:
  using Entries = std::vector<std::pair<std::string, std::string>>;
  Entries Copy(Family family, const KeyRange& range) const;

  using Map = std::map<std::string, std::string, std::less<>>;

  mutable std::shared_mutex mu_;
  std::array<Map, kFamilyCount> families_;
  int64_t writes_ = 0;
};

}  // namespace gradmatch

#endif  // GRADMATCH_TESTS_FAKES_IN_MEMORY_STORE_H_
