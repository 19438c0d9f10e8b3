#include "tests/durability/file_damage.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/match.h"

namespace gradmatch {
namespace {

namespace fs = std::filesystem;

constexpr size_t kPage = 4096;
constexpr size_t kMostGarbage = 8192;

size_t Below(size_t n, std::mt19937& random) {
  return std::uniform_int_distribution<size_t>(0, n - 1)(random);
}

// Often only the first page counts, which is one of thousands.
size_t Near(size_t size, std::mt19937& random) {
  return Below(4, random) == 0 ? std::min(size, kPage) : size;
}

std::optional<std::string> BitFlip(std::string bytes, std::mt19937& random) {
  if (bytes.empty()) return std::nullopt;
  bytes[Below(Near(bytes.size(), random), random)] ^=
      static_cast<char>(1 << Below(8, random));
  return bytes;
}

std::optional<std::string> ZeroPage(std::string bytes, std::mt19937& random) {
  if (bytes.empty()) return std::nullopt;
  const size_t page = Below(Near(bytes.size(), random), random) / kPage * kPage;
  const size_t end = std::min(bytes.size(), page + kPage);
  std::fill(bytes.begin() + page, bytes.begin() + end, '\0');
  return bytes;
}

std::optional<std::string> Truncation(std::string bytes, std::mt19937& random) {
  if (bytes.empty()) return std::nullopt;
  bytes.resize(Below(4, random) == 0 ? 0 : Below(bytes.size(), random));
  return bytes;
}

std::string Extension(std::string bytes, std::mt19937& random) {
  const size_t count = 1 + Below(kMostGarbage, random);
  for (size_t i = 0; i < count; ++i) {
    bytes.push_back(static_cast<char>(Below(256, random)));
  }
  return bytes;
}

// The bytes of a file of `path`'s kind in one of `folders`, not `path` itself.
std::optional<std::string> OfItsKind(const std::vector<std::string>& folders,
                                     const std::string& world,
                                     const std::string& path,
                                     std::mt19937& random) {
  std::vector<std::string> found;
  for (const std::string& folder : folders) {
    for (const std::string& file : ListFiles(folder)) {
      if (KindOf(file) != KindOf(path)) continue;
      if (folder == world && file == path) continue;
      found.push_back(folder + "/" + file);
    }
  }
  if (found.empty()) return std::nullopt;
  return ReadBytes(found[Below(found.size(), random)]);
}

std::optional<std::string> StaleCopy(const DamageSources& sources,
                                     const std::string& path,
                                     std::mt19937& random) {
  const std::string same = sources.earlier + "/" + path;
  if (fs::exists(same)) return ReadBytes(same);
  return OfItsKind({sources.earlier}, sources.world, path, random);
}

}  // namespace

std::string_view FileKindName(FileKind kind) {
  constexpr std::string_view kNames[kFileKindCount] = {
      "log",       "table",    "MANIFEST",  "CURRENT", "OPTIONS",
      "IDENTITY",  "info log", "LOCK",      "FORMAT",  "WATERMARK",
      "LOGSTARTS", "SECRET",   "seal keys", "aside",   "other"};
  return kNames[static_cast<int>(kind)];
}

std::string_view DamageName(Damage damage) {
  constexpr std::string_view kNames[kDamageCount] = {
      "bit flip", "zero page",  "truncation", "extension",
      "swap",     "stale copy", "missing"};
  return kNames[static_cast<int>(damage)];
}

FileKind KindOf(const std::string& path) {
  if (absl::StrContains(path, "/recovery/")) return FileKind::kAside;
  const std::string name = fs::path(path).filename().string();
  if (absl::EndsWith(name, ".log")) return FileKind::kLog;
  if (absl::EndsWith(name, ".sst")) return FileKind::kTable;
  constexpr struct {
    const char* prefix;
    FileKind kind;
  } kPrefixes[] = {
      {"MANIFEST", FileKind::kManifest},   {"CURRENT", FileKind::kCurrent},
      {"OPTIONS", FileKind::kOptions},     {"IDENTITY", FileKind::kIdentity},
      {"LOGSTARTS", FileKind::kLogStarts}, {"LOG", FileKind::kInfoLog},
      {"LOCK", FileKind::kLock},           {"FORMAT", FileKind::kFormat},
      {"WATERMARK", FileKind::kWatermark}, {"SECRET", FileKind::kSecret},
      {"seal", FileKind::kSealKeys}};
  for (const auto& [prefix, kind] : kPrefixes) {
    if (absl::StartsWith(name, prefix)) return kind;
  }
  return FileKind::kOther;
}

std::vector<std::string> ListFiles(const std::string& folder) {
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    files.push_back(entry.path().lexically_relative(folder).generic_string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string ReadBytes(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void WriteBytes(const std::string& path, const std::string& bytes) {
  const fs::perms before = fs::status(path).permissions();
  fs::permissions(path, fs::perms::owner_write, fs::perm_options::add);
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  fs::permissions(path, before);
}

std::optional<std::optional<std::string>> DamagedBytes(
    const DamageSources& sources, const std::string& path, Damage damage,
    std::mt19937& random) {
  if (damage == Damage::kMissing) return std::optional<std::string>();
  const std::string bytes = ReadBytes(sources.world + "/" + path);
  std::optional<std::string> damaged;
  switch (damage) {
    case Damage::kBitFlip:
      damaged = BitFlip(bytes, random);
      break;
    case Damage::kZeroPage:
      damaged = ZeroPage(bytes, random);
      break;
    case Damage::kTruncation:
      damaged = Truncation(bytes, random);
      break;
    case Damage::kExtension:
      damaged = Extension(bytes, random);
      break;
    case Damage::kSwap:
      damaged = OfItsKind({sources.world, sources.other}, sources.world, path,
                          random);
      break;
    case Damage::kStaleCopy:
      damaged = StaleCopy(sources, path, random);
      break;
    case Damage::kMissing:
      break;
  }
  if (!damaged.has_value() || *damaged == bytes) return std::nullopt;
  return damaged;
}

}  // namespace gradmatch
