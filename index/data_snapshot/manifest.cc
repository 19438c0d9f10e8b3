#include "index/data_snapshot/manifest.h"

#include <algorithm>
#include <cctype>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "index/data_snapshot/sha256.h"

namespace gradmatch {
namespace {

constexpr char kMagic[] = "gradmatch-data-snapshot ";
constexpr char kEnd[] = "end ";
constexpr char kTimeFormat[] = "%Y-%m-%dT%H:%M:%SZ";

bool IsHex(std::string_view text, size_t size) {
  return text.size() == size &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// A path of plain names below the folder: no "..", nothing absolute.
bool IsInnerPath(std::string_view path) {
  if (path.empty()) return false;
  for (const absl::string_view part : absl::StrSplit(A(path), '/')) {
    if (part.empty() || part == "." || part == "..") return false;
  }
  return std::none_of(path.begin(), path.end(), [](unsigned char c) {
    return std::iscntrl(c) || c == '\\';
  });
}

// Takes the lines of a manifest one by one. After the first that is not as
// expected it says so and gives nothing more.
class Lines {
 public:
  Lines(std::string_view text, std::string_view where)
      : rest_(text), where_(where) {}

  // The line's text after `name` and a blank. False, and a problem, when the
  // line has another name.
  bool Take(std::string_view name, std::string_view& value) {
    if (!problem_.ok()) return false;
    if (TakeIf(name, value)) return true;
    return Refuse(absl::StrCat("应为 ", A(name)));
  }
  // The same, where the line may be missing.
  bool TakeIf(std::string_view name, std::string_view& value) {
    if (!problem_.ok()) return false;
    const size_t end = rest_.find('\n');
    const std::string_view line = rest_.substr(0, end);
    if (end == std::string_view::npos || !line.starts_with(name) ||
        line.substr(name.size(), 1) != " ") {
      return false;
    }
    value = line.substr(name.size() + 1);
    rest_.remove_prefix(end + 1);
    ++number_;
    return true;
  }
  template <typename Number>
  bool TakeNumber(std::string_view name, Number& number) {
    std::string_view value;
    if (!Take(name, value)) return false;
    if (absl::SimpleAtoi(A(value), &number) && number >= 0) return true;
    --number_;
    return Refuse(absl::StrCat(A(name), " 应为非负整数"));
  }
  bool Refuse(std::string_view expected) {
    if (problem_.ok()) {
      problem_ = SnapshotDamaged(absl::StrCat(A(where_), " 第 ", number_ + 1,
                                              " 行不对：", A(expected)));
    }
    return false;
  }
  bool AtEnd() const { return rest_.empty(); }
  const absl::Status& problem() const { return problem_; }

 private:
  std::string_view rest_;
  const std::string_view where_;
  int number_ = 0;
  absl::Status problem_;
};

bool TakeJournal(Lines& lines, JournalPosition& journal) {
  std::string_view value;
  if (!lines.Take("journal", value)) return false;
  if (value == "-") return true;
  const std::vector<std::string> parts = absl::StrSplit(A(value), ' ');
  if (parts.size() == 3 && IsHex(parts[0], 32) &&
      absl::SimpleAtoi(parts[1], &journal.number) && journal.number >= 0 &&
      IsHex(parts[2], 64)) {
    journal.lineage = parts[0];
    journal.chain = parts[2];
    return true;
  }
  return lines.Refuse("journal 应为 <谱系> <序号> <哈希>");
}

bool TakeFiles(Lines& lines, std::vector<SnapshotFile>& files) {
  std::string_view value;
  while (lines.TakeIf("file", value)) {
    const std::vector<std::string> parts =
        absl::StrSplit(A(value), absl::MaxSplits(' ', 3));
    SnapshotFile file;
    if (parts.size() != 4 || !IsHex(parts[0], 64) ||
        !absl::SimpleAtoi(parts[1], &file.bytes) || file.bytes < 0 ||
        !IsInnerPath(parts[3])) {
      return lines.Refuse("file 应为 <哈希> <字节> <表号> <目录内的路径>");
    }
    file.sha256 = parts[0];
    if (parts[2] != "-") file.table_id = parts[2];
    file.path = parts[3];
    if (!files.empty() && files.back().path >= file.path) {
      return lines.Refuse("文件应按路径排列，且不重复");
    }
    files.push_back(std::move(file));
  }
  return lines.problem().ok();
}

void TakeAll(Lines& lines, SnapshotManifest& manifest) {
  std::string_view value;
  if (!lines.Take("id", value)) return;
  manifest.id = value;
  if (!IsSnapshotId(value)) lines.Refuse("id 应形如 20261201T031900Z");
  if (!lines.Take("created_at", value)) return;
  std::string error;
  if (!absl::ParseTime(kTimeFormat, A(value), absl::UTCTimeZone(),
                       &manifest.created_at, &error)) {
    lines.Refuse("created_at 应形如 2026-12-01T03:19:00Z");
  }
  if (!lines.Take("created_by", value)) return;
  manifest.created_by = value;
  const bool numbers = lines.TakeNumber("data_format", manifest.data_format) &&
                       lines.TakeNumber("sequence", manifest.sequence) &&
                       lines.TakeNumber("generation", manifest.generation) &&
                       lines.TakeNumber("new_bytes", manifest.new_bytes);
  if (!numbers || !TakeJournal(lines, manifest.journal)) return;
  while (lines.TakeIf("seal_key", value)) {
    manifest.seal_keys.emplace_back(value);
  }
  if (!TakeFiles(lines, manifest.files)) return;
  // Its value was looked at before everything else.
  if (lines.Take("end", value) && !lines.AtEnd()) {
    lines.Refuse("末行之后不应再有内容");
  }
}

// The last line, or empty when there is none that is whole.
std::string_view LastLine(std::string_view text) {
  if (text.empty() || text.back() != '\n') return "";
  text.remove_suffix(1);
  const size_t before = text.rfind('\n');
  return before == std::string_view::npos ? "" : text.substr(before + 1);
}

}  // namespace

absl::Status SnapshotDamaged(std::string_view what) {
  return MakeError(absl::StatusCode::kDataLoss, kSnapshotDamaged,
                   absl::StrCat("快照不可用：", A(what),
                                "；请换一个快照，并查看存放它的磁盘"));
}

int64_t SnapshotManifest::TotalBytes() const {
  int64_t bytes = 0;
  for (const SnapshotFile& file : files) bytes += file.bytes;
  return bytes;
}

bool IsSnapshotId(std::string_view id) {
  // 20261201T031900Z, and another one of the same second: 20261201T031900Z-2.
  constexpr std::string_view kShape = "ddddddddTddddddZ";
  constexpr size_t at = kShape.size();
  if (id.size() < at) return false;
  for (size_t i = 0; i < at; ++i) {
    const bool digit = id[i] >= '0' && id[i] <= '9';
    if (kShape[i] == 'd' ? !digit : id[i] != kShape[i]) return false;
  }
  if (at == id.size()) return true;
  int number = 0;
  return id[at] == '-' && absl::SimpleAtoi(A(id.substr(at + 1)), &number) &&
         number >= 2 && absl::StrCat("-", number) == A(id.substr(at));
}

std::string SerializeManifest(SnapshotManifest manifest) {
  std::sort(manifest.files.begin(), manifest.files.end(),
            [](const SnapshotFile& a, const SnapshotFile& b) {
              return a.path < b.path;
            });
  std::string text = absl::StrCat(
      kMagic, kManifestVersion, "\nid ", manifest.id, "\ncreated_at ",
      absl::FormatTime(kTimeFormat, manifest.created_at, absl::UTCTimeZone()),
      "\ncreated_by ", manifest.created_by, "\ndata_format ",
      manifest.data_format, "\nsequence ", manifest.sequence, "\ngeneration ",
      manifest.generation, "\nnew_bytes ", manifest.new_bytes, "\n");
  const JournalPosition& journal = manifest.journal;
  if (journal.lineage.empty()) {
    absl::StrAppend(&text, "journal -\n");
  } else {
    absl::StrAppend(&text, "journal ", journal.lineage, " ", journal.number,
                    " ", journal.chain, "\n");
  }
  for (const std::string& key : manifest.seal_keys) {
    absl::StrAppend(&text, "seal_key ", key, "\n");
  }
  for (const SnapshotFile& file : manifest.files) {
    absl::StrAppend(&text, "file ", file.sha256, " ", file.bytes, " ",
                    file.table_id.empty() ? "-" : file.table_id, " ", file.path,
                    "\n");
  }
  absl::StrAppend(&text, kEnd, Sha256Hex(text), "\n");
  return text;
}

std::string ManifestHash(std::string_view text) {
  const std::string_view last = LastLine(text);
  if (!last.starts_with(kEnd)) return "";
  return std::string(last.substr(std::string_view(kEnd).size()));
}

absl::StatusOr<SnapshotManifest> ParseManifest(std::string_view text,
                                               std::string_view where) {
  Lines lines(text, where);
  int version = 0;
  std::string_view value;
  if (!lines.TakeIf("gradmatch-data-snapshot", value) ||
      !absl::SimpleAtoi(A(value), &version) || version < 1) {
    return SnapshotDamaged(absl::StrCat(A(where), " 不是数据快照的清单"));
  }
  if (version > kManifestVersion) {
    return SnapshotDamaged(absl::StrCat(A(where), " 的格式为 ", version,
                                        "，本程序只认到 ", kManifestVersion,
                                        "，请用做出它的版本或更新的程序"));
  }
  const std::string hash = ManifestHash(text);
  const size_t hashed = text.size() - LastLine(text).size() - 1;
  if (!IsHex(hash, 64) || Sha256Hex(text.substr(0, hashed)) != hash) {
    return SnapshotDamaged(
        absl::StrCat(A(where), " 与其末行的哈希不符：内容被改动或不完整"));
  }
  SnapshotManifest manifest;
  TakeAll(lines, manifest);
  if (!lines.problem().ok()) return lines.problem();
  return manifest;
}

}  // namespace gradmatch
