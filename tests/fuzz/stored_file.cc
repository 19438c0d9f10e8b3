// Small files of a data folder and beside it, as they lie on a disk.

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "index/format.h"
#include "index/vault/audit_chain.h"
#include "index/vault/seal_keys.h"
#include "index/watermark.h"
#include "tests/fuzz/fuzz_target.h"

namespace gradmatch {
namespace {

const std::string& Folder() {
  static const auto& folder = *new std::string([] {
    std::string made = "/tmp/gradmatch_fuzz_XXXXXX";
    PROMISE(mkdtemp(made.data()) != nullptr);
    return made;
  }());
  return folder;
}

std::string WriteTemp(std::string_view bytes) {
  std::string path = Folder() + "/file";
  const int fd = open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0600);
  PROMISE(fd >= 0);
  PROMISE(write(fd, bytes.data(), bytes.size()) ==
          static_cast<ssize_t>(bytes.size()));
  close(fd);
  return path;
}

void CheckFormat(std::string_view bytes) {
  const auto format = ParseFormat(bytes);
  if (!format.ok()) return;
  const auto again = ParseFormat(SerializeFormat(*format));
  PROMISE(again.ok());
  PROMISE(again->format_version == format->format_version);
  PROMISE(again->least_reader_version == format->least_reader_version);
}

void CheckAudit(std::string_view bytes) {
  const auto anchor = ParseAnchor(bytes);
  if (anchor.has_value()) PROMISE(FormatAnchor(*anchor) == bytes);
  v1::AuditEntry entry;
  AuditChecker checker;
  if (entry.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    checker.Add(entry);
  } else {
    checker.AddUnreadable();
  }
  checker.Finish();
  // An entry nobody chained is never good.
  PROMISE(checker.broken() != AuditBreak::kNone);
}

}  // namespace

// A file is read as what it says, or refused.
void FuzzStoredFile(std::string_view bytes) {
  CheckFormat(bytes);
  CheckAudit(bytes);
  const std::string path = WriteTemp(bytes);
  const auto watermark = Watermark::Open(path);
  if (watermark.ok()) PROMISE(bytes.size() >= 32);
  const auto keys = SealKeys::Load(path);
  if (keys.ok()) PROMISE(keys->Find(keys->current_id()) != nullptr);
}

}  // namespace gradmatch
