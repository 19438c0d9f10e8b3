#include "tests/durability/simulated_disk.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <new>
#include <optional>
#include <set>
#include <sstream>
#include <utility>

namespace gradmatch {
namespace {

namespace fs = std::filesystem;

using Inode = uint64_t;

void Require(bool good, const std::string& what) {
  if (good) return;
  std::fprintf(stderr, "simulated disk: %s\n", what.c_str());
  std::abort();
}

Inode InodeOf(const std::string& path) {
  struct stat info;
  return ::lstat(path.c_str(), &info) == 0 ? info.st_ino : 0;
}

struct Bytes {
  int64_t offset = 0;
  std::string old;
};

// What is known of a file's content.
struct File {
  int64_t kept = 0;               // bytes on stable storage
  std::vector<Bytes> changed;     // since the last sync, in order
  std::vector<Bytes> never_kept;  // when a sync failed
  std::vector<std::pair<int64_t, int64_t>> holes;  // likewise: begin, end
};

// A change of a folder's names.
struct Change {
  enum class Kind { kCreate, kRemove, kRename } kind;
  Inode from_folder = 0;  // of a rename
  std::string from;       // likewise
  std::string name;
  std::string copy;  // of what was there, in the folder of removed files
};

struct Journal {
  std::map<Inode, File> files;  // of others nothing was kept
  std::map<Inode, std::vector<Change>> folders;
};

std::string FromHex(const std::string& hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(
        static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

void Read(const std::string& line, bool keep_syncs, Journal& journal) {
  std::istringstream in(line);
  std::string word;
  Inode inode = 0;
  in >> word >> inode;
  if (word == "sync" || word == "base") {
    if (word == "sync" && !keep_syncs) return;
    File& file = journal.files[inode];
    in >> file.kept;
    file.changed.clear();
    if (file.kept == 0) file = File();
  } else if (word == "syncdir") {
    if (keep_syncs) journal.folders[inode].clear();
  } else if (word == "lost") {
    File& file = journal.files[inode];
    int64_t size = 0;
    in >> size;
    file.holes.emplace_back(file.kept, size);
    file.never_kept.insert(file.never_kept.end(), file.changed.begin(),
                           file.changed.end());
    file.changed.clear();
  } else if (word == "old") {
    Bytes bytes;
    std::string hex;
    in >> bytes.offset >> hex;
    bytes.old = FromHex(hex);
    journal.files[inode].changed.push_back(std::move(bytes));
  } else if (word == "create") {
    Change change{.kind = Change::Kind::kCreate};
    in >> change.name;
    journal.folders[inode].push_back(std::move(change));
  } else if (word == "remove") {
    Change change{.kind = Change::Kind::kRemove};
    in >> change.name >> change.copy;
    journal.folders[inode].push_back(std::move(change));
  } else if (word == "rename") {
    Change change{.kind = Change::Kind::kRename, .from_folder = inode};
    Inode to = 0;
    in >> change.from >> to >> change.name >> change.copy;
    journal.folders[to].push_back(std::move(change));
  } else {
    Require(false, "the journal has a line that begins with " + word);
  }
}

// What decides how much of what was not synced stays.
struct Dice {
  std::mt19937& random;
  bool all_is_lost;

  uint32_t operator()() { return random(); }
  // How many of `count` things stay: often all or none, else some.
  size_t HowMany(size_t count) {
    if (all_is_lost) return 0;
    switch (random() % 4) {
      case 0:
        return count;
      case 1:
        return random() % (count + 1);
      default:
        return 0;
    }
  }
};

void WriteAt(int fd, int64_t offset, const std::string& bytes) {
  Require(::pwrite(fd, bytes.data(), bytes.size(), offset) == bytes.size(),
          "write");
}

// Takes away what of a file's content was not kept.
void LoseContent(const std::string& path, const File& file, Dice& random) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  Require(fd >= 0, "open " + path);
  const size_t stay = random.HowMany(file.changed.size());
  for (size_t i = file.changed.size(); i-- > stay;) {
    // The first that goes may be torn: its beginning is the new one.
    const Bytes& bytes = file.changed[i];
    const size_t begin =
        i == stay && random() % 2 == 0 ? random() % bytes.old.size() : 0;
    WriteAt(fd, bytes.offset + begin, bytes.old.substr(begin));
  }
  for (size_t i = file.never_kept.size(); i-- > 0;) {
    WriteAt(fd, file.never_kept[i].offset, file.never_kept[i].old);
  }
  struct stat info;
  Require(::fstat(fd, &info) == 0, "stat " + path);
  for (const auto& [begin, end] : file.holes) {
    const int64_t to = std::min<int64_t>(end, info.st_size);
    if (begin < to) WriteAt(fd, begin, std::string(to - begin, '\0'));
  }
  if (info.st_size > file.kept) {
    const int64_t more = info.st_size - file.kept;
    const int64_t left = random.HowMany(more);
    Require(::ftruncate(fd, file.kept + left) == 0, "cut " + path);
    // The length may be there before the bytes are.
    if (left > 0 && random() % 4 == 0) {
      const int64_t zeros = 1 + random() % left;
      WriteAt(fd, file.kept + left - zeros, std::string(zeros, '\0'));
    }
  }
  ::close(fd);
}

// Undoes changes of names in a tree.
class Names {
 public:
  Names(std::string root, std::string removed)
      : root_(std::move(root)), removed_(std::move(removed)) {}

  // Parents before what is in them: a folder that is gone may come back.
  void Undo(std::map<Inode, std::vector<Change>> folders, Dice& random) {
    while (!folders.empty()) {
      FindFolders();
      const auto next = std::find_if(
          folders.begin(), folders.end(),
          [&](const auto& folder) { return paths_.contains(folder.first); });
      if (next == folders.end()) return;  // the rest is gone for good
      const std::vector<Change>& changes = next->second;
      const std::string path = paths_.at(next->first);
      const size_t stay = random.HowMany(changes.size());
      for (size_t i = changes.size(); i-- > stay;) Undo(path, changes[i]);
      folders.erase(next);
    }
  }

 private:
  void FindFolders() {
    paths_ = returned_;
    paths_[InodeOf(root_)] = root_;
    for (const auto& entry : fs::recursive_directory_iterator(root_)) {
      if (entry.is_directory()) {
        paths_[InodeOf(entry.path())] = entry.path().string();
      }
    }
  }

  // What was written down may not have been done any more.
  void Undo(const std::string& folder, const Change& change) {
    const std::string path = folder + "/" + change.name;
    switch (change.kind) {
      case Change::Kind::kCreate:
        fs::remove_all(path);
        return;
      case Change::Kind::kRemove:
        if (!fs::exists(path)) Return(change.copy, path);
        return;
      case Change::Kind::kRename: {
        const auto from_folder = paths_.find(change.from_folder);
        if (from_folder == paths_.end()) return;
        const std::string from = from_folder->second + "/" + change.from;
        if (fs::exists(from) || !fs::exists(path)) return;
        fs::rename(path, from);
        Return(change.copy, path);
        return;
      }
    }
  }

  void Return(const std::string& copy, const std::string& path) {
    if (copy == "-") return;
    if (copy[0] == 'd') {
      fs::create_directory(path);
      // What was in it is known under its old number.
      returned_[std::stoull(copy.substr(1))] = path;
      return;
    }
    if (fs::exists(removed_ + "/" + copy)) {
      fs::rename(removed_ + "/" + copy, path);
    }
  }

  const std::string root_;
  const std::string removed_;
  std::map<Inode, std::string> paths_;
  std::map<Inode, std::string> returned_;
};

std::vector<std::string> FilesIn(const std::string& folder) {
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(entry.path().string());
  }
  // One order whatever the file system's, so that a seed means one thing.
  std::sort(files.begin(), files.end());
  return files;
}

// In memory where there is such a place: the tests would wait for the disk.
fs::path Place() {
  return ::access("/dev/shm", W_OK) == 0 ? fs::path("/dev/shm")
                                         : fs::temp_directory_path();
}

}  // namespace

SimulatedDisk::SimulatedDisk() : folder_(Place()), root_(folder_ / "disk") {
  fs::create_directory(root_);
  fs::create_directory(root_ + ".removed");
  const int fd =
      ::open((root_ + ".control").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  Require(fd >= 0 && ::ftruncate(fd, sizeof(DiskControl)) == 0, "control");
  void* const shared = ::mmap(nullptr, sizeof(DiskControl),
                              PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  Require(shared != MAP_FAILED, "map control");
  ::close(fd);
  control_ = new (shared) DiskControl();
  StartJournal();
}

SimulatedDisk::~SimulatedDisk() { ::munmap(control_, sizeof(DiskControl)); }

std::vector<std::string> SimulatedDisk::Environment() const {
  return {std::string("LD_PRELOAD=") + DISK_RECORDER,
          // The recorder comes before the sanitizer; it calls through to it.
          "ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0",
          std::string(kDiskRootVariable) + "=" + root_,
          std::string(kDiskControlVariable) + "=" + root_ + ".control"};
}

void SimulatedDisk::ResetControl() { control_ = new (control_) DiskControl(); }

void SimulatedDisk::CutPower(std::mt19937& random, Syncs syncs) {
  Journal journal;
  std::ifstream in(root_ + ".journal");
  for (std::string line; std::getline(in, line);) {
    Read(line, syncs == Syncs::kKept, journal);
  }
  Dice dice{random, syncs == Syncs::kIgnored};
  std::set<Inode> done;
  for (const std::string& folder : {root_, root_ + ".removed"}) {
    for (const std::string& path : FilesIn(folder)) {
      const Inode inode = InodeOf(path);
      if (!done.insert(inode).second) continue;
      const auto file = journal.files.find(inode);
      LoseContent(path, file == journal.files.end() ? File() : file->second,
                  dice);
    }
  }
  Names(root_, root_ + ".removed").Undo(std::move(journal.folders), dice);
  fs::remove_all(root_ + ".removed");
  fs::create_directory(root_ + ".removed");
  StartJournal();
}

void SimulatedDisk::StartJournal() {
  std::ofstream out(root_ + ".journal", std::ios::trunc);
  for (const std::string& path : FilesIn(root_)) {
    out << "base " << InodeOf(path) << " " << fs::file_size(path) << "\n";
  }
  Require(out.flush().good(), "write the journal");
}

}  // namespace gradmatch
