#include "tests/fakes/in_memory_store.h"

#include <algorithm>
#include <mutex>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "index/base/strings.h"
#include "index/byte_search.h"
#include "index/keys.h"

namespace gradmatch {
namespace {

using Entries = std::vector<std::pair<std::string, std::string>>;

class CopiedCursor : public Cursor {
 public:
  explicit CopiedCursor(Entries entries) : entries_(std::move(entries)) {}
  bool Valid() const override { return at_ < entries_.size(); }
  void Next() override { ++at_; }
  std::string_view key() const override { return entries_[at_].first; }
  std::string_view value() const override { return entries_[at_].second; }
  absl::Status status() const override { return absl::OkStatus(); }

 private:
  const Entries entries_;
  size_t at_ = 0;
};

}  // namespace

absl::StatusOr<std::string> InMemoryStore::Get(Family family,
                                               std::string_view key) const {
  std::shared_lock lock(mu_);
  const Map& map = families_[static_cast<size_t>(family)];
  const auto it = map.find(key);
  if (it == map.end()) {
    return absl::NotFoundError(
        absl::StrCat("read from ", A(FamilyName(family)), ": not there"));
  }
  return it->second;
}

absl::StatusOr<std::vector<std::optional<std::string>>> InMemoryStore::MultiGet(
    Family family, std::span<const std::string> keys) const {
  std::shared_lock lock(mu_);
  const Map& map = families_[static_cast<size_t>(family)];
  std::vector<std::optional<std::string>> found;
  found.reserve(keys.size());
  for (const std::string& key : keys) {
    const auto it = map.find(key);
    found.push_back(it == map.end() ? std::nullopt : std::optional(it->second));
  }
  return found;
}

InMemoryStore::Entries InMemoryStore::Copy(Family family,
                                           const KeyRange& range) const {
  std::shared_lock lock(mu_);
  const Map& map = families_[static_cast<size_t>(family)];
  Entries entries;
  for (auto it = map.lower_bound(range.begin);
       it != map.end() && (range.end.empty() || it->first < range.end); ++it) {
    entries.emplace_back(it->first, it->second);
  }
  return entries;
}

std::unique_ptr<Cursor> InMemoryStore::Scan(Family family,
                                            const KeyRange& range) const {
  return std::make_unique<CopiedCursor>(Copy(family, range));
}

std::unique_ptr<Cursor> InMemoryStore::ScanBack(Family family,
                                                const KeyRange& range) const {
  Entries entries = Copy(family, range);
  std::ranges::reverse(entries);
  return std::make_unique<CopiedCursor>(std::move(entries));
}

absl::Status InMemoryStore::Write(const WriteBatch& batch, Durability) {
  std::unique_lock lock(mu_);
  ++writes_;
  for (const WriteBatch::Op& op : batch.ops()) {
    Map& map = families_[static_cast<size_t>(op.family)];
    if (op.value) {
      map.insert_or_assign(op.key, *op.value);
    } else {
      map.erase(op.key);
    }
  }
  return absl::OkStatus();
}

absl::Status InMemoryStore::Purge(std::span<const FamilyRange>) {
  return absl::OkStatus();
}

absl::StatusOr<FileSearch> InMemoryStore::Search(
    const ByteSearch& needles) const {
  std::shared_lock lock(mu_);
  std::set<std::pair<std::string, size_t>> found;
  for (int i = 0; i < kFamilyCount; ++i) {
    const std::string name(FamilyName(static_cast<Family>(i)));
    for (const auto& [key, value] : families_[static_cast<size_t>(i)]) {
      needles.Find(key, [&](size_t owner) { found.emplace(name, owner); });
      needles.Find(value, [&](size_t owner) { found.emplace(name, owner); });
    }
  }
  return FileSearch{kFamilyCount, {found.begin(), found.end()}};
}

int64_t InMemoryStore::writes() const {
  std::shared_lock lock(mu_);
  return writes_;
}

}  // namespace gradmatch
