// Stands between a program and the C library (LD_PRELOAD) and keeps a journal
// of what the program does to files under one folder, the root: enough for
// SimulatedDisk to work out, once the program is dead, what a power cut would
// have left of it. So the whole program runs on it as it is, RocksDB and our
// own files alike, and nothing that touches the folder can go past it.
//
// Every line is written before what it tells of is done, under one lock, so
// that the journal of a program that was killed is complete:
//   sync INODE BYTES           a file is on stable storage, so long
//   syncdir INODE              a folder's names are
//   lost INODE BYTES           a sync failed: what was not kept never will be
//   old INODE OFFSET HEX       bytes about to be overwritten or cut off
//   create FOLDER NAME         also links and folders
//   remove FOLDER NAME COPY    COPY is a second name in the folder of removed
//                              files; "d" and its number for a folder
//   rename FOLDER NAME FOLDER NAME COPY    COPY of what was there; or "-"
// FOLDER is an inode's number. Writes past a file's end need no line: what is
// behind the last sync's length is not kept. Nothing is really synced; that
// would only take time.

#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>

#include "tests/durability/disk_control.h"

namespace gradmatch {
namespace {

template <typename Function>
Function* Next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

#define REAL(name)                                         \
  ([] {                                                    \
    static auto* const real = Next<decltype(name)>(#name); \
    return real;                                           \
  }())

constexpr int kMostDescriptors = 1 << 16;
enum Kind : char { kOther, kFile, kFolder };

class Recorder {
 public:
  // Null in a program that was started without a root.
  static Recorder* Get() {
    static Recorder* const recorder = Make();
    return recorder;
  }

  bool Covers(const char* path) const {
    return path != nullptr &&
           std::strncmp(path, root_.c_str(), root_.size()) == 0 &&
           (path[root_.size()] == '/' || path[root_.size()] == '\0');
  }
  Kind KindOf(int fd) const {
    return fd < 0 || fd >= kMostDescriptors ? kOther : kinds_[fd].load();
  }
  void SetKind(int fd, Kind kind) {
    if (fd >= 0 && fd < kMostDescriptors) kinds_[fd].store(kind);
  }
  std::mutex& mutex() { return mutex_; }
  DiskControl& control() { return *control_; }

  // Counts an operation; true when it is to fail, errno is then set. Under the
  // lock.
  bool Fails() {
    const int64_t now = ++control_->operations;
    const int64_t first = control_->fail_at_operation;
    if (first == 0 || now < first || now >= first + control_->fail_count) {
      return false;
    }
    errno = static_cast<int>(control_->fail_errno);
    return true;
  }

  void Write(const std::string& line) {
    // One write a line: a line is there as a whole or not at all.
    if (REAL(write)(journal_, line.data(), line.size()) != line.size()) abort();
  }

  // A name for what is about to go from `path`, so that it can come back.
  std::string Keep(const char* path) {
    struct stat info;
    if (lstat(path, &info) != 0) return "-";
    if (S_ISDIR(info.st_mode)) return "d" + std::to_string(info.st_ino);
    const std::string copy =
        std::to_string(getpid()) + "-" + std::to_string(++copies_);
    if (REAL(link)(path, (removed_ + "/" + copy).c_str()) != 0) abort();
    return copy;
  }

  // "FOLDER NAME" for the journal.
  static std::string Place(const std::string& path) {
    const size_t slash = path.rfind('/');
    struct stat info;
    if (stat(path.substr(0, slash).c_str(), &info) != 0) return "0 -";
    return std::to_string(info.st_ino) + " " + path.substr(slash + 1);
  }

  // Writes the bytes from `begin` to `end` of a file that are there now.
  void KeepBytes(int fd, ino_t inode, off_t begin, off_t end) {
    std::string bytes(end - begin, '\0');
    // Anew: a descriptor that writes may not read.
    const std::string self = "/proc/self/fd/" + std::to_string(fd);
    const int reader = REAL(open)(self.c_str(), O_RDONLY | O_CLOEXEC);
    const ssize_t n = pread(reader, bytes.data(), bytes.size(), begin);
    REAL(close)(reader);
    if (n != end - begin) abort();
    std::string line =
        "old " + std::to_string(inode) + " " + std::to_string(begin) + " ";
    for (const unsigned char c : bytes) {
      line += "0123456789abcdef"[c >> 4];
      line += "0123456789abcdef"[c & 15];
    }
    Write(line + "\n");
  }

  // `size` bytes are about to be written at `offset`; negative: at the place
  // where the descriptor stands.
  void BeforeWrite(int fd, off_t offset, size_t size) {
    struct stat info;
    if (fstat(fd, &info) != 0) return;
    if (offset < 0) {
      offset =
          fcntl(fd, F_GETFL) & O_APPEND ? info.st_size : lseek(fd, 0, SEEK_CUR);
    }
    const off_t end = std::min<off_t>(info.st_size, offset + size);
    if (offset < end) KeepBytes(fd, info.st_ino, offset, end);
  }

 private:
  static Recorder* Make() {
    const char* const root = std::getenv(kDiskRootVariable);
    const char* const control = std::getenv(kDiskControlVariable);
    if (root == nullptr || control == nullptr) return nullptr;
    return new Recorder(root, control);
  }

  Recorder(const char* root, const char* control)
      : root_(root), removed_(root_ + ".removed") {
    const int fd = REAL(open)(control, O_RDWR | O_CLOEXEC);
    void* const shared = mmap(nullptr, sizeof(DiskControl),
                              PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    journal_ = REAL(open)((root_ + ".journal").c_str(),
                          O_WRONLY | O_APPEND | O_CLOEXEC);
    if (fd < 0 || shared == MAP_FAILED || journal_ < 0) {
      std::fprintf(stderr, "disk recorder: no journal or control of %s\n",
                   root);
      abort();
    }
    control_ = static_cast<DiskControl*>(shared);
    REAL(close)(fd);
  }

  const std::string root_;
  const std::string removed_;
  DiskControl* control_ = nullptr;
  int journal_ = -1;
  int64_t copies_ = 0;
  std::atomic<Kind> kinds_[kMostDescriptors] = {};
  std::mutex mutex_;
};

// Used where a call is not about the root.
Recorder* For(const char* path) {
  Recorder* const recorder = Recorder::Get();
  return recorder != nullptr && recorder->Covers(path) ? recorder : nullptr;
}
Recorder* For(int fd) {
  Recorder* const recorder = Recorder::Get();
  return recorder != nullptr && recorder->KindOf(fd) != kOther ? recorder
                                                               : nullptr;
}

// `path` as seen from a folder's descriptor.
std::string From(int folder, const char* path) {
  if (folder == AT_FDCWD || path == nullptr || path[0] == '/') {
    return path == nullptr ? "" : path;
  }
  char name[4096];
  const std::string link = "/proc/self/fd/" + std::to_string(folder);
  const ssize_t n = readlink(link.c_str(), name, sizeof name);
  return n <= 0 ? path : std::string(name, n) + "/" + path;
}

int Open(const char* path, int flags, mode_t mode) {
  Recorder* const recorder = For(path);
  if (recorder == nullptr) return REAL(open)(path, flags, mode);
  const std::lock_guard lock(recorder->mutex());
  struct stat info;
  const bool there = stat(path, &info) == 0;
  const bool makes = !there && (flags & O_CREAT) != 0;
  if (makes) {
    if (recorder->Fails()) return -1;
    recorder->Write("create " + Recorder::Place(path) + "\n");
  }
  if (there && (flags & O_TRUNC) != 0 && info.st_size > 0) {
    if (recorder->Fails()) return -1;
    const int old = REAL(open)(path, O_RDONLY | O_CLOEXEC);
    recorder->KeepBytes(old, info.st_ino, 0, info.st_size);
    REAL(close)(old);
  }
  const int fd = REAL(open)(path, flags, mode);
  if (fd < 0 || fstat(fd, &info) != 0) return fd;
  if (makes) {
    // The number may have been another file's.
    recorder->Write("sync " + std::to_string(info.st_ino) + " 0\n");
  }
  recorder->SetKind(fd, S_ISDIR(info.st_mode)   ? kFolder
                        : S_ISREG(info.st_mode) ? kFile
                                                : kOther);
  return fd;
}

int Sync(Recorder& recorder, int fd) {
  DiskControl& control = recorder.control();
  ++control.waiting;
  if (control.sync_delay_us > 0) usleep(control.sync_delay_us);
  while (control.hold_syncs != 0) usleep(1'000);
  --control.waiting;
  const std::lock_guard lock(recorder.mutex());
  struct stat info;
  if (fstat(fd, &info) != 0) return -1;
  if (recorder.Fails()) return -1;
  const int64_t now = ++control.syncs;
  const std::string inode = std::to_string(info.st_ino);
  const bool dies = now == control.die_at_sync;
  if (dies && control.die_after_it == 0) kill(getpid(), SIGKILL);
  const bool folder = recorder.KindOf(fd) == kFolder;
  const std::string size = std::to_string(info.st_size);
  if (now == control.fail_at_sync) {
    const std::string self = "/proc/self/fd/" + std::to_string(fd);
    (void)!readlink(self.c_str(), control.failed_path,
                    sizeof control.failed_path - 1);
    if (!folder) recorder.Write("lost " + inode + " " + size + "\n");
    errno = EIO;
    return -1;
  }
  recorder.Write(folder ? "syncdir " + inode + "\n"
                        : "sync " + inode + " " + size + "\n");
  if (dies) kill(getpid(), SIGKILL);
  return 0;
}

int Remove(const char* path, int flags) {
  const auto remove = [&] {
    return (flags & AT_REMOVEDIR) != 0 ? REAL(rmdir)(path) : REAL(unlink)(path);
  };
  Recorder* const recorder = For(path);
  if (recorder == nullptr) return remove();
  const std::lock_guard lock(recorder->mutex());
  struct stat info;
  if (lstat(path, &info) != 0) return remove();
  if (recorder->Fails()) return -1;
  recorder->Write("remove " + Recorder::Place(path) + " " +
                  recorder->Keep(path) + "\n");
  return remove();
}

}  // namespace
}  // namespace gradmatch

using gradmatch::For;
using gradmatch::Next;
using gradmatch::Recorder;

// The C library's declarations, and with them its own attributes, hold.
extern "C" {

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode =
      (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return gradmatch::Open(path, flags, mode);
}

int openat(int folder, const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode =
      (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  const std::string whole = gradmatch::From(folder, path);
  if (For(whole.c_str()) == nullptr) {
    return REAL(openat)(folder, path, flags, mode);
  }
  return gradmatch::Open(whole.c_str(), flags, mode);
}

int close(int fd) {
  // Before it is closed: after it, the number may be another thread's.
  if (Recorder* const recorder = For(fd)) {
    recorder->SetKind(fd, gradmatch::kOther);
  }
  return REAL(close)(fd);
}

ssize_t write(int fd, const void* bytes, size_t size) {
  Recorder* const recorder = For(fd);
  if (recorder == nullptr) return REAL(write)(fd, bytes, size);
  if (const int64_t us = recorder->control().write_delay_us) usleep(us);
  const std::lock_guard lock(recorder->mutex());
  if (recorder->Fails()) return -1;
  recorder->BeforeWrite(fd, -1, size);
  return REAL(write)(fd, bytes, size);
}

ssize_t pwrite(int fd, const void* bytes, size_t size, off_t offset) {
  Recorder* const recorder = For(fd);
  if (recorder == nullptr) return REAL(pwrite)(fd, bytes, size, offset);
  if (const int64_t us = recorder->control().write_delay_us) usleep(us);
  const std::lock_guard lock(recorder->mutex());
  if (recorder->Fails()) return -1;
  recorder->BeforeWrite(fd, offset, size);
  return REAL(pwrite)(fd, bytes, size, offset);
}

ssize_t sendfile(int to, int from, off_t* offset, size_t size) {
  Recorder* const recorder = For(to);
  if (recorder == nullptr) return REAL(sendfile)(to, from, offset, size);
  const std::lock_guard lock(recorder->mutex());
  if (recorder->Fails()) return -1;
  recorder->BeforeWrite(to, -1, size);
  return REAL(sendfile)(to, from, offset, size);
}

int ftruncate(int fd, off_t size) noexcept {
  Recorder* const recorder = For(fd);
  if (recorder == nullptr) return REAL(ftruncate)(fd, size);
  const std::lock_guard lock(recorder->mutex());
  struct stat info;
  if (recorder->Fails()) return -1;
  if (fstat(fd, &info) == 0 && size < info.st_size) {
    recorder->KeepBytes(fd, info.st_ino, size, info.st_size);
  }
  return REAL(ftruncate)(fd, size);
}

int fsync(int fd) {
  Recorder* const recorder = For(fd);
  return recorder == nullptr ? REAL(fsync)(fd) : gradmatch::Sync(*recorder, fd);
}

int fdatasync(int fd) {
  Recorder* const recorder = For(fd);
  return recorder == nullptr ? REAL(fdatasync)(fd)
                             : gradmatch::Sync(*recorder, fd);
}

int rename(const char* from, const char* to) noexcept {
  Recorder* const recorder = For(to);
  if (recorder == nullptr) return REAL(rename)(from, to);
  const std::lock_guard lock(recorder->mutex());
  if (recorder->Fails()) return -1;
  recorder->Write("rename " + Recorder::Place(from) + " " +
                  Recorder::Place(to) + " " + recorder->Keep(to) + "\n");
  return REAL(rename)(from, to);
}

int link(const char* from, const char* to) noexcept {
  Recorder* const recorder = For(to);
  if (recorder == nullptr) return REAL(link)(from, to);
  const std::lock_guard lock(recorder->mutex());
  if (recorder->Fails()) return -1;
  recorder->Write("create " + Recorder::Place(to) + "\n");
  return REAL(link)(from, to);
}

int mkdir(const char* path, mode_t mode) noexcept {
  Recorder* const recorder = For(path);
  if (recorder == nullptr) return REAL(mkdir)(path, mode);
  const std::lock_guard lock(recorder->mutex());
  struct stat info;
  if (lstat(path, &info) == 0) return REAL(mkdir)(path, mode);
  if (recorder->Fails()) return -1;
  recorder->Write("create " + Recorder::Place(path) + "\n");
  return REAL(mkdir)(path, mode);
}

int unlink(const char* path) noexcept { return gradmatch::Remove(path, 0); }
int rmdir(const char* path) noexcept {
  return gradmatch::Remove(path, AT_REMOVEDIR);
}
int unlinkat(int folder, const char* path, int flags) noexcept {
  const std::string whole = gradmatch::From(folder, path);
  if (For(whole.c_str()) == nullptr) {
    return REAL(unlinkat)(folder, path, flags);
  }
  return gradmatch::Remove(whole.c_str(), flags);
}
int remove(const char* path) noexcept {
  struct stat info;
  const bool folder = lstat(path, &info) == 0 && S_ISDIR(info.st_mode);
  return gradmatch::Remove(path, folder ? AT_REMOVEDIR : 0);
}

}  // extern "C"
