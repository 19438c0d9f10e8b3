// Does to files what its words say, then ends without tidying up; for
// disk_test:
//   disk_probe FOLDER STEP...
// A step is one of these, names being within the folder:
//   put:NAME:TEXT             makes or empties a file and writes
//   append:NAME:TEXT          overwrite:NAME:OFFSET:TEXT
//   sync:NAME                 of a folder too; "sync:" is FOLDER itself
//   rename:NAME:NAME          link:NAME:NAME
//   remove:NAME               a file, or a tree
//   folder:NAME               makes it
// A step that fails is printed with its errno, and the rest goes on.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

namespace {

bool WriteTo(const std::string& path, int flags, const std::string& text,
             long offset) {
  const int fd = open(path.c_str(), flags, 0644);
  if (fd < 0) return false;
  const ssize_t n = offset < 0 ? write(fd, text.data(), text.size())
                               : pwrite(fd, text.data(), text.size(), offset);
  close(fd);
  return n == static_cast<ssize_t>(text.size());
}

bool Sync(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY);
  const bool good = fd >= 0 && fsync(fd) == 0;
  const int error = errno;
  close(fd);
  errno = error;
  return good;
}

bool Do(const std::string& folder, const std::vector<std::string>& words) {
  const std::string& what = words[0];
  const std::string path = folder + "/" + (words.size() > 1 ? words[1] : "");
  const std::string last = words.back();
  if (what == "put") {
    return WriteTo(path, O_WRONLY | O_CREAT | O_TRUNC, last, -1);
  }
  if (what == "append") return WriteTo(path, O_WRONLY | O_APPEND, last, -1);
  if (what == "overwrite") {
    return WriteTo(path, O_WRONLY, last, std::stol(words[2]));
  }
  if (what == "sync") return Sync(path);
  if (what == "rename") {
    return rename(path.c_str(), (folder + "/" + last).c_str()) == 0;
  }
  if (what == "link") {
    return link(path.c_str(), (folder + "/" + last).c_str()) == 0;
  }
  if (what == "folder") return mkdir(path.c_str(), 0755) == 0;
  if (what == "remove") {
    std::error_code error;
    std::filesystem::remove_all(path, error);
    errno = error.value();
    return !error;
  }
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  int failed = 0;
  for (int i = 2; i < argc; ++i) {
    std::vector<std::string> words;
    std::istringstream in(argv[i]);
    for (std::string word; std::getline(in, word, ':');) words.push_back(word);
    if (Do(argv[1], words)) continue;
    std::fprintf(stderr, "%s: %d\n", argv[i], errno);
    ++failed;
  }
  std::fflush(stderr);
  _exit(failed == 0 ? 0 : 1);
}
