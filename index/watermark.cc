#include "index/watermark.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

#include "absl/strings/str_cat.h"
#include "index/base/big_endian.h"
#include "index/content_hash.h"

namespace gradmatch {
namespace {

constexpr std::string_view kMagic = "GMWMARK1";
constexpr size_t kHashedBytes = 24;
constexpr size_t kSlotBytes = 32;
// Apart by a page, so that no torn page takes both.
constexpr size_t kSlotDistance = 4096;

struct Slot {
  uint64_t sequence = 0;
  uint64_t turn = 0;
};

std::string Serialize(const Slot& slot) {
  std::string bytes(kMagic);
  AppendBigEndian64(slot.sequence, bytes);
  AppendBigEndian64(slot.turn, bytes);
  AppendBigEndian64(ContentHash(bytes), bytes);
  return bytes;
}

std::optional<Slot> Parse(std::string_view bytes) {
  if (bytes.size() < kSlotBytes) return std::nullopt;
  bytes = bytes.substr(0, kSlotBytes);
  if (!bytes.starts_with(kMagic) ||
      ReadBigEndian64(bytes.substr(kHashedBytes)) !=
          ContentHash(bytes.substr(0, kHashedBytes))) {
    return std::nullopt;
  }
  return Slot{ReadBigEndian64(bytes.substr(8)),
              ReadBigEndian64(bytes.substr(16))};
}

int64_t MonotonicNanos() {
  timespec now;
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * int64_t{1'000'000'000} + now.tv_nsec;
}

}  // namespace

absl::Status Watermark::Create(const std::string& path, uint64_t sequence) {
  std::string bytes = Serialize({sequence, 0});
  bytes.resize(kSlotDistance, '\0');
  bytes += Serialize({sequence, 1});
  bytes.resize(2 * kSlotDistance, '\0');
  return WriteFileDurably(path, bytes);
}

absl::StatusOr<std::unique_ptr<Watermark>> Watermark::Open(
    const std::string& path, absl::Duration sync_interval) {
  const auto bytes = ReadFile(path);
  if (!bytes.ok()) return bytes.status();
  std::optional<Slot> best;
  for (size_t at = 0; at < 2 * kSlotDistance; at += kSlotDistance) {
    if (at >= bytes->size()) continue;
    const auto slot = Parse(std::string_view(*bytes).substr(at));
    if (slot && (!best || slot->turn > best->turn)) best = slot;
  }
  if (!best) {
    return absl::DataLossError(absl::StrCat(
        path, " has no whole slot, so it cannot be told whether something ",
        "acknowledged is missing; restore a backup, or remove the file to ",
        "open without that check"));
  }
  auto fd = OpenFile(path, O_RDWR);
  if (!fd.ok()) return fd.status();
  std::unique_ptr<Watermark> watermark(
      new Watermark(*std::move(fd), path, sync_interval));
  MutexLock lock(watermark->mu_);
  watermark->value_ = best->sequence;
  watermark->turn_ = best->turn;
  watermark->last_sync_nanos_ = MonotonicNanos();
  return watermark;
}

uint64_t Watermark::value() const {
  MutexLock lock(mu_);
  return value_;
}

absl::Status Watermark::Advance(uint64_t sequence) {
  {
    MutexLock lock(mu_);
    if (sequence <= value_) return absl::OkStatus();
    const Slot slot{sequence, turn_ + 1};
    const std::string bytes = Serialize(slot);
    const ssize_t n = ::pwrite(fd_.get(), bytes.data(), bytes.size(),
                               (slot.turn % 2) * kSlotDistance);
    if (n != kSlotBytes) return FileError("write", path_, n < 0 ? errno : EIO);
    value_ = slot.sequence;
    turn_ = slot.turn;
  }
  return SyncIsDue() ? Sync() : absl::OkStatus();
}

bool Watermark::SyncIsDue() {
  // The one who finds it due takes the turn; others go on without waiting.
  MutexLock lock(mu_);
  const int64_t now = MonotonicNanos();
  if (now - last_sync_nanos_ < absl::ToInt64Nanoseconds(sync_interval_)) {
    return false;
  }
  last_sync_nanos_ = now;
  return true;
}

absl::Status Watermark::Sync() {
  if (::fdatasync(fd_.get()) != 0) return FileError("sync", path_, errno);
  return absl::OkStatus();
}

}  // namespace gradmatch
