#ifndef GRADMATCH_TESTS_DURABILITY_FILE_DAMAGE_H_
#define GRADMATCH_TESTS_DURABILITY_FILE_DAMAGE_H_

#include <array>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace gradmatch {

// What can happen to one file of a data folder, and to which.

enum class FileKind {
  kLog,
  kTable,
  kManifest,
  kCurrent,
  kOptions,
  kIdentity,
  kInfoLog,
  kLock,
  kFormat,
  kWatermark,
  kLogStarts,
  kSecret,
  kSealKeys,
  kAside,  // copies made before a recovery
  kOther,
};
inline constexpr int kFileKindCount = static_cast<int>(FileKind::kOther) + 1;
std::string_view FileKindName(FileKind kind);

// `path` within the world's folder.
FileKind KindOf(const std::string& path);

enum class Damage {
  kBitFlip,
  kZeroPage,    // 4 KiB, aligned
  kTruncation,  // to any length, with one in four to nothing
  kExtension,   // with up to 8 KiB of garbage
  kSwap,        // another file of its kind, of this or of another world
  kStaleCopy,   // as it, or one of its kind, was at an earlier moment
  kMissing,
};
inline constexpr int kDamageCount = static_cast<int>(Damage::kMissing) + 1;
std::string_view DamageName(Damage damage);

// The world's files as paths within its folder, sorted.
std::vector<std::string> ListFiles(const std::string& folder);

// Where damage takes bytes from.
struct DamageSources {
  std::string world;    // the whole one
  std::string earlier;  // the same at an earlier moment
  std::string other;    // another one
};

// What the file's bytes become: nullopt inside when it is to be removed,
// nullopt outside when this damage cannot be done to it or changes nothing.
std::optional<std::optional<std::string>> DamagedBytes(
    const DamageSources& sources, const std::string& path, Damage damage,
    std::mt19937& random);

std::string ReadBytes(const std::string& path);
// In place: an inode with a second name is changed under both, as by a disk.
void WriteBytes(const std::string& path, const std::string& bytes);

}  // namespace gradmatch

#endif  // GRADMATCH_TESTS_DURABILITY_FILE_DAMAGE_H_
