#include "index/data_snapshot/restored_mark.h"

#include <map>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "index/base/strings.h"
#include "index/file_system.h"

namespace gradmatch {
namespace {

constexpr char kFirstLine[] = "gradmatch-restored 1\n";

absl::Status Malformed(std::string_view what) {
  return absl::DataLossError(absl::StrCat(
      kRestoredName, ": '", A(what),
      "' is missing or malformed; empty the data folder and restore again"));
}

bool ParseJournal(const std::string& text, JournalPosition& journal) {
  if (text == "-") return true;
  const std::vector<std::string> parts = absl::StrSplit(text, ' ');
  if (parts.size() != 3 || !absl::SimpleAtoi(parts[1], &journal.number)) {
    return false;
  }
  journal.lineage = parts[0];
  journal.chain = parts[2];
  return true;
}

}  // namespace

std::string SerializeRestoredMark(const RestoredMark& mark) {
  std::string text = absl::StrCat(
      kFirstLine, "snapshot ", mark.snapshot, "\nmanifest ", mark.manifest_hash,
      "\njournal_folder ", mark.journal_folder, "\njournal ");
  if (mark.journal.lineage.empty()) {
    absl::StrAppend(&text, "-\n");
  } else {
    absl::StrAppend(&text, mark.journal.lineage, " ", mark.journal.number, " ",
                    mark.journal.chain, "\n");
  }
  if (!mark.accepted.empty()) {
    absl::StrAppend(&text, "accepted ", mark.accepted, "\n");
  }
  return text;
}

absl::StatusOr<RestoredMark> ParseRestoredMark(std::string_view text) {
  if (!text.starts_with(kFirstLine) || text.back() != '\n') {
    return Malformed("gradmatch-restored 1");
  }
  std::map<std::string, std::string> lines;
  for (absl::string_view line : absl::StrSplit(A(text), '\n')) {
    const std::pair<std::string, std::string> pair =
        absl::StrSplit(line, absl::MaxSplits(' ', 1));
    lines.insert(pair);
  }
  RestoredMark mark;
  mark.snapshot = lines["snapshot"];
  if (!IsSnapshotId(mark.snapshot)) return Malformed("snapshot");
  mark.manifest_hash = lines["manifest"];
  if (mark.manifest_hash.size() != 64) return Malformed("manifest");
  mark.journal_folder = lines["journal_folder"];
  if (mark.journal_folder.empty()) return Malformed("journal_folder");
  if (!ParseJournal(lines["journal"], mark.journal)) {
    return Malformed("journal");
  }
  mark.accepted = lines["accepted"];
  return mark;
}

absl::StatusOr<std::optional<RestoredMark>> ReadRestoredMark(
    const std::string& data_folder) {
  const auto text = ReadFile(absl::StrCat(data_folder, "/", kRestoredName));
  if (absl::IsNotFound(text.status())) return std::nullopt;
  if (!text.ok()) return text.status();
  auto mark = ParseRestoredMark(*text);
  if (!mark.ok()) return mark.status();
  return *std::move(mark);
}

absl::Status RemoveRestoredMark(const std::string& data_folder) {
  absl::Status removed =
      RemoveTree(absl::StrCat(data_folder, "/", kRestoredName));
  return removed.ok() ? SyncFolder(data_folder) : removed;
}

}  // namespace gradmatch
