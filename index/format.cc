#include "index/format.h"

#include <algorithm>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "index/base/strings.h"
#include "index/file_system.h"

namespace gradmatch {
namespace {

constexpr char kTimeFormat[] = "%Y-%m-%dT%H:%M:%SZ";

absl::Status Malformed(std::string_view name, std::string_view allowed) {
  return absl::DataLossError(absl::StrCat(
      "FORMAT: '", A(name), "' is missing or malformed; ", A(allowed),
      "; restore the file from a backup of this data folder"));
}

bool ParseVersion(const std::map<std::string, std::string>& lines,
                  const char* name, int& version) {
  const auto line = lines.find(name);
  return line != lines.end() && absl::SimpleAtoi(line->second, &version) &&
         version >= 1;
}

// Whether nothing but what a broken-off creation leaves is in the folder.
bool IsEmpty(const std::vector<std::string>& names) {
  return std::all_of(names.begin(), names.end(), [](const std::string& name) {
    return name == "LOCK" || name == "FORMAT.tmp" || name == "lost+found";
  });
}

}  // namespace

std::string SerializeFormat(const Format& format) {
  return absl::StrCat(
      "format_version: ", format.format_version,
      "\nleast_reader_version: ", format.least_reader_version,
      "\ncreated_by: ", format.created_by, "\ncreated_at: ",
      absl::FormatTime(kTimeFormat, format.created_at, absl::UTCTimeZone()),
      "\n");
}

absl::StatusOr<Format> ParseFormat(std::string_view text) {
  std::map<std::string, std::string> lines;
  for (absl::string_view line : absl::StrSplit(A(text), '\n')) {
    const std::pair<std::string, std::string> pair =
        absl::StrSplit(line, absl::MaxSplits(": ", 1));
    lines.insert(pair);
  }
  Format format;
  if (!ParseVersion(lines, "format_version", format.format_version)) {
    return Malformed("format_version", "it is a whole number from 1");
  }
  if (!ParseVersion(lines, "least_reader_version",
                    format.least_reader_version)) {
    return Malformed("least_reader_version", "it is a whole number from 1");
  }
  format.created_by = lines["created_by"];
  std::string error;
  if (!absl::ParseTime(kTimeFormat, lines["created_at"], absl::UTCTimeZone(),
                       &format.created_at, &error)) {
    return Malformed("created_at", "it is a time as 2026-01-31T08:00:00Z");
  }
  return format;
}

absl::Status CheckReadable(const Format& format, int reader_version) {
  if (format.least_reader_version <= reader_version) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "FORMAT: the data folder has format ", format.format_version,
      ", which needs a program that reads version ",
      format.least_reader_version, " or newer; this program reads up to ",
      reader_version,
      ": install the newer program, or restore a backup made before the "
      "upgrade"));
}

absl::StatusOr<FormatResult> OpenFormat(const std::string& folder,
                                        bool create_if_empty,
                                        std::string_view created_by,
                                        absl::Time now) {
  const std::string path = folder + "/FORMAT";
  const auto text = ReadFile(path);
  if (text.ok()) {
    auto format = ParseFormat(*text);
    if (!format.ok()) return format.status();
    if (absl::Status s = CheckReadable(*format, kFormatVersion); !s.ok()) {
      return s;
    }
    return FormatResult{*std::move(format), false};
  }
  if (!absl::IsNotFound(text.status())) return text.status();
  const auto names = ListFolder(folder);
  if (!names.ok() && !absl::IsNotFound(names.status())) return names.status();
  if (names.ok() && !IsEmpty(*names)) {
    return absl::FailedPreconditionError(absl::StrCat(
        folder, " is not a data folder: it has no FORMAT file but holds '",
        names->front(), "' and other things (", names->size(),
        " in all); name an empty or missing folder, or a data folder"));
  }
  if (!create_if_empty) {
    return absl::NotFoundError(absl::StrCat(
        folder, " is empty or missing; name a folder that holds data"));
  }
  Format format{.created_by = std::string(created_by),
                .created_at = absl::FromUnixSeconds(absl::ToUnixSeconds(now))};
  if (absl::Status s = MakeFolder(folder); !s.ok()) return s;
  if (absl::Status s = WriteFileDurably(path, SerializeFormat(format));
      !s.ok()) {
    return s;
  }
  return FormatResult{std::move(format), true};
}

absl::Status UpgradeFormat(const std::string& folder, Format& format) {
  if (format.format_version >= kFormatVersion) return absl::OkStatus();
  format.format_version = kFormatVersion;
  format.least_reader_version = kLeastReaderVersion;
  return WriteFileDurably(folder + "/FORMAT", SerializeFormat(format));
}

}  // namespace gradmatch
