#include "index/vault/seal_keys.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "index/file_system.h"

namespace gradmatch {
namespace {

constexpr std::string_view kFirstLine = "gradmatch-seal-keys 1\n";
constexpr size_t kIdHex = 16;
constexpr size_t kLineBytes = kIdHex + 1 + 2 * kSealKeyBytes + 1;
constexpr size_t kMaxKeys = 100;
constexpr mode_t kMode = 0400;

absl::Status Refused(const std::string& path, std::string_view why) {
  return MakeError(absl::StatusCode::kFailedPrecondition, kSealKeyMissing,
                   absl::StrCat("密钥文件 ", path, " 不可用：", A(why)));
}

std::string KeyId(const Secret& key) {
  std::string bytes = "gradmatch-seal-key";
  bytes.reserve(bytes.size() + kSealKeyBytes);
  bytes.append(key.view());
  const std::string digest = Sha256(bytes);
  Wipe(bytes);
  return absl::BytesToHexString(A(digest)).substr(0, kIdHex);
}

// The line of a fresh key.
std::string NewLine() {
  std::string bytes = RandomBytes(kSealKeyBytes);
  std::string hex = absl::BytesToHexString(bytes);
  const Secret key(bytes);
  Wipe(bytes);
  std::string line;
  line.reserve(kLineBytes);
  absl::StrAppend(&line, KeyId(key), " ", hex, "\n");
  Wipe(hex);
  return line;
}

absl::Status CheckMode(const std::string& path) {
  struct stat info;
  if (::lstat(path.c_str(), &info) != 0) {
    return Refused(path,
                   "文件不存在或无权访问；新建用 `gradmatch seal-key new`");
  }
  if (!S_ISREG(info.st_mode) || (info.st_mode & 077) != 0) {
    return Refused(path,
                   absl::StrFormat("权限为 %04o；须为普通文件且只有属主可读，"
                                   "请查明谁可能读过它，然后 chmod 400",
                                   info.st_mode & 07777));
  }
  return absl::OkStatus();
}

absl::StatusOr<Secret> ReadKeyFile(const std::string& path) {
  absl::Status mode = CheckMode(path);
  if (!mode.ok()) return mode;
  auto text = ReadFile(path);
  if (!text.ok()) return Refused(path, "无法读取");
  Secret secret(*text);
  Wipe(*text);
  return secret;
}

absl::Status Write(const std::string& path, std::string& text) {
  absl::Status written = WriteFileDurably(path, text, kMode);
  Wipe(text);
  return written;
}

// The whole line of the current key, from a file that Load accepts.
std::string_view FirstKeyLine(const Secret& text) {
  return text.view().substr(kFirstLine.size(), kLineBytes);
}

}  // namespace

absl::StatusOr<SealKeys> SealKeys::Load(const std::string& path) {
  auto text = ReadKeyFile(path);
  if (!text.ok()) return text.status();
  std::string_view rest = text->view();
  if (!rest.starts_with(kFirstLine)) return Refused(path, "首行不符");
  rest.remove_prefix(kFirstLine.size());
  const size_t count = rest.size() / kLineBytes;
  if (count == 0 || count > kMaxKeys || rest.size() % kLineBytes != 0) {
    return Refused(path, "内容不完整");
  }
  SealKeys keys;
  for (size_t i = 0; i < count; ++i) {
    const std::string_view line = rest.substr(i * kLineBytes, kLineBytes);
    const std::string_view hex = line.substr(kIdHex + 1, 2 * kSealKeyBytes);
    std::string bytes = absl::HexStringToBytes(A(hex));
    // It takes any character for a digit.
    std::string back = absl::BytesToHexString(bytes);
    const bool is_hex = back == hex;
    Secret key = Secret::Locked(bytes);
    Wipe(bytes);
    Wipe(back);
    const std::string id(line.substr(0, kIdHex));
    if (!is_hex || line[kIdHex] != ' ' || line.back() != '\n' ||
        KeyId(key) != id || keys.Find(id) != nullptr) {
      return Refused(
          path, absl::StrCat("第 ", i + 2, " 行损坏；请从备份恢复密钥文件"));
    }
    keys.keys_.emplace_back(id, std::move(key));
  }
  return keys;
}

const Secret* SealKeys::Find(std::string_view id) const {
  const auto it = std::ranges::find(keys_, id, [](const auto& entry) {
    return std::string_view(entry.first);
  });
  return it == keys_.end() ? nullptr : &it->second;
}

absl::Status NewSealKeyFile(const std::string& path) {
  // Takes the name first, so that of two at once one is refused.
  const auto taken = OpenFile(path, O_WRONLY | O_CREAT | O_EXCL, kMode);
  if (!taken.ok()) {
    if (!FileExists(path)) return taken.status();
    return absl::AlreadyExistsError(absl::StrCat(
        path,
        " is there already; a new key in its place would make what is sealed "
        "unreadable. `gradmatch seal-key rotate` adds one"));
  }
  std::string text(kFirstLine);
  text.reserve(kFirstLine.size() + kLineBytes);
  std::string line = NewLine();
  text.append(line);
  Wipe(line);
  return Write(path, text);
}

absl::Status RotateSealKeyFile(const std::string& path) {
  const auto keys = SealKeys::Load(path);
  if (!keys.ok()) return keys.status();
  if (keys->size() >= kMaxKeys) return Refused(path, "密钥过多，请先 prune");
  const auto old = ReadKeyFile(path);
  if (!old.ok()) return old.status();
  std::string text(kFirstLine);
  text.reserve(old->view().size() + kLineBytes);
  std::string line = NewLine();
  text.append(line);
  Wipe(line);
  text.append(old->view().substr(kFirstLine.size()));
  return Write(path, text);
}

absl::Status PruneSealKeyFile(const std::string& path) {
  const auto keys = SealKeys::Load(path);
  if (!keys.ok()) return keys.status();
  const auto old = ReadKeyFile(path);
  if (!old.ok()) return old.status();
  std::string text(kFirstLine);
  text.reserve(kFirstLine.size() + kLineBytes);
  text.append(FirstKeyLine(*old));
  return Write(path, text);
}

}  // namespace gradmatch
