#include "index/rocksdb_purge.h"

#include <rocksdb/db.h>
#include <rocksdb/sst_file_reader.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "index/file_system.h"

namespace gradmatch {
namespace {

namespace fs = std::filesystem;

constexpr auto kLongestWait = std::chrono::seconds(60);
constexpr auto kBetweenLooks = std::chrono::milliseconds(5);
// More ranges of one family than this, and it is rewritten as a whole.
constexpr size_t kMostRanges = 16;
constexpr size_t kReadBytes = 1 << 20;

absl::Status Failed(const rocksdb::Status& s, std::string_view what) {
  if (s.ok()) return absl::OkStatus();
  return absl::InternalError(
      absl::StrCat("purge: ", std::string(what), ": ", s.ToString()));
}

// The number in 000123.log or MANIFEST-000123; 0 for other names.
uint64_t NumberOf(const std::string& name) {
  absl::string_view text = name;
  uint64_t number = 0;
  const bool is_log = absl::ConsumeSuffix(&text, ".log");
  if (!is_log && !absl::ConsumePrefix(&text, "MANIFEST-")) return 0;
  return absl::SimpleAtoi(text, &number) ? number : 0;
}

bool IsManifest(const std::string& name) {
  return absl::StartsWith(name, "MANIFEST-");
}
bool IsTable(const std::string& name) { return absl::EndsWith(name, ".sst"); }

class TablePurge {
 public:
  explicit TablePurge(const PurgeParts& parts) : parts_(parts) {}

  absl::Status Run(std::span<const PurgeTarget> targets) {
    auto newest = Newest();
    if (!newest.ok()) return newest.status();
    const uint64_t old_log = newest->log;
    // A log without a write that is not in a table yet would not be ended.
    absl::Status status = Touch();
    if (status.ok()) status = Flush(parts_.families);
    if (status.ok()) status = Compact(targets);
    if (!status.ok()) return status;
    newest = Newest();
    if (!newest.ok()) return newest.status();
    // The last change wrote a list that still had what it took away.
    status = Touch();
    if (status.ok()) status = Flush({&parts_.scratch, 1});
    if (!status.ok()) return status;
    return AwaitRemoval(old_log, newest->manifest);
  }

 private:
  struct Numbers {
    uint64_t log = 0;
    uint64_t manifest = 0;
  };

  absl::StatusOr<Numbers> Newest() const {
    const auto names = ListFolder(parts_.folder);
    if (!names.ok()) return names.status();
    Numbers newest;
    for (const std::string& name : *names) {
      uint64_t& number = IsManifest(name) ? newest.manifest : newest.log;
      number = std::max(number, NumberOf(name));
    }
    return newest;
  }

  absl::Status Touch() const {
    return Failed(
        parts_.db.Put(rocksdb::WriteOptions(), parts_.scratch, kPurgeKey, ""),
        "write");
  }

  absl::Status Flush(
      std::span<rocksdb::ColumnFamilyHandle* const> families) const {
    rocksdb::FlushOptions options;
    options.wait = true;
    options.allow_write_stall = true;
    return Failed(parts_.db.Flush(options, {families.begin(), families.end()}),
                  "flush");
  }

  absl::Status Compact(std::span<const PurgeTarget> targets) const {
    std::map<rocksdb::ColumnFamilyHandle*, std::vector<const KeyRange*>> ranges;
    for (const PurgeTarget& target : targets) {
      ranges[target.family].push_back(&target.range);
    }
    static const KeyRange kAll;
    for (const auto& [family, some] : ranges) {
      const std::vector<const KeyRange*> all = {&kAll};
      for (const KeyRange* range : some.size() > kMostRanges ? all : some) {
        if (absl::Status s = CompactOne(family, *range); !s.ok()) return s;
      }
    }
    return absl::OkStatus();
  }

  absl::Status CompactOne(rocksdb::ColumnFamilyHandle* family,
                          const KeyRange& range) const {
    rocksdb::CompactRangeOptions options;
    // The lowest level too, or what was deleted there would stay; no other
    // compaction may carry old entries along meanwhile.
    options.bottommost_level_compaction =
        rocksdb::BottommostLevelCompaction::kForce;
    options.exclusive_manual_compaction = true;
    options.allow_write_stall = true;
    const rocksdb::Slice begin(range.begin), end(range.end);
    return Failed(parts_.db.CompactRange(options, family,
                                         range.begin.empty() ? nullptr : &begin,
                                         range.end.empty() ? nullptr : &end),
                  "compact");
  }

  std::set<std::string> LiveTables() const {
    std::vector<rocksdb::LiveFileMetaData> files;
    parts_.db.GetLiveFilesMetaData(&files);
    std::set<std::string> names;
    for (const auto& file : files) {
      names.insert(std::string(absl::StripPrefix(file.name, "/")));
    }
    return names;
  }

  // Files that are no longer part of the store go when the last cursor that
  // reads them does.
  absl::Status AwaitRemoval(uint64_t old_log, uint64_t old_manifest) const {
    std::set<std::string> live = LiveTables();
    auto names = ListFolder(parts_.folder);
    if (!names.ok()) return names.status();
    std::set<std::string> left;
    for (const std::string& name : *names) {
      if (IsTable(name) && !live.contains(name)) left.insert(name);
    }
    const auto until = std::chrono::steady_clock::now() + kLongestWait;
    while (true) {
      // Makes RocksDB look for files it may remove.
      parts_.db.DisableFileDeletions();
      parts_.db.EnableFileDeletions(/*force=*/false);
      names = ListFolder(parts_.folder);
      if (!names.ok()) return names.status();
      live = LiveTables();
      const auto is_old = [&](const std::string& name) {
        if (IsTable(name)) return left.contains(name) && !live.contains(name);
        const uint64_t number = NumberOf(name);
        return number != 0 &&
               number <= (IsManifest(name) ? old_manifest : old_log);
      };
      const auto old = std::find_if(names->begin(), names->end(), is_old);
      if (old == names->end()) return absl::OkStatus();
      if (std::chrono::steady_clock::now() > until) {
        return absl::DeadlineExceededError(
            absl::StrCat("purge: ", *old,
                         " is still read after a minute; a cursor from before "
                         "the purge is open"));
      }
      std::this_thread::sleep_for(kBetweenLooks);
    }
  }

  const PurgeParts& parts_;
};

// One search through a data folder.
class FolderSearch {
 public:
  FolderSearch(std::string root, const ByteSearch& needles)
      : root_(std::move(root)), needles_(needles) {}

  // False when the file is gone by now.
  bool SearchBytes(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return false;
    const std::string name = NameOf(path);
    std::string window;
    std::string chunk(kReadBytes, '\0');
    while (in.read(chunk.data(), static_cast<std::streamsize>(chunk.size())) ||
           in.gcount() > 0) {
      window.append(chunk, 0, static_cast<size_t>(in.gcount()));
      Look(window, name);
      const size_t kept = std::min(window.size(), needles_.longest());
      window.erase(0, window.size() - kept);
    }
    return true;
  }

  absl::Status SearchEntries(const rocksdb::Options& options,
                             const fs::path& path) {
    rocksdb::SstFileReader reader(options);
    const rocksdb::Status opened = reader.Open(path.string());
    // One that is being written has no end yet; its bytes were searched.
    if (!opened.ok()) return absl::OkStatus();
    rocksdb::ReadOptions read;
    read.fill_cache = false;
    const std::unique_ptr<rocksdb::Iterator> entries(reader.NewIterator(read));
    const std::string name = NameOf(path);
    for (entries->SeekToFirst(); entries->Valid(); entries->Next()) {
      Look({entries->key().data(), entries->key().size()}, name);
      Look({entries->value().data(), entries->value().size()}, name);
    }
    return Failed(entries->status(), "read " + name);
  }

  FileSearch Take(int64_t files) {
    return {files, {found_.begin(), found_.end()}};
  }

 private:
  std::string NameOf(const fs::path& path) const {
    return path.lexically_relative(root_).generic_string();
  }
  void Look(std::string_view bytes, const std::string& name) {
    needles_.Find(bytes, [&](size_t owner) { found_.emplace(name, owner); });
  }

  const std::string root_;
  const ByteSearch& needles_;
  std::set<std::pair<std::string, size_t>> found_;
};

absl::StatusOr<FileSearch> SearchAll(const rocksdb::Options& options,
                                     const std::string& data_folder,
                                     const ByteSearch& needles) {
  FolderSearch search(data_folder, needles);
  int64_t files = 0;
  std::error_code error;
  fs::recursive_directory_iterator entry(data_folder, error);
  for (; !error && entry != fs::recursive_directory_iterator();
       entry.increment(error)) {
    std::error_code gone;
    if (!entry->is_regular_file(gone) || !search.SearchBytes(entry->path())) {
      continue;
    }
    ++files;
    if (!IsTable(entry->path().filename().string())) continue;
    absl::Status s = search.SearchEntries(options, entry->path());
    if (!s.ok()) return s;
  }
  if (error) return FileError("list", data_folder, error.value());
  return search.Take(files);
}

}  // namespace

absl::Status PurgeTables(const PurgeParts& parts,
                         std::span<const PurgeTarget> targets) {
  return TablePurge(parts).Run(targets);
}

absl::StatusOr<FileSearch> SearchDataFolder(const PurgeParts& parts,
                                            const rocksdb::Options& options,
                                            const std::string& data_folder,
                                            const ByteSearch& needles) {
  // What moves from a file not yet searched into a new one would be missed.
  parts.db.DisableFileDeletions();
  auto found = SearchAll(options, data_folder, needles);
  parts.db.EnableFileDeletions(/*force=*/false);
  return found;
}

}  // namespace gradmatch
