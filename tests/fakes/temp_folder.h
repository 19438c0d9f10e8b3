#ifndef GRADMATCH_TESTS_FAKES_TEMP_FOLDER_H_
#define GRADMATCH_TESTS_FAKES_TEMP_FOLDER_H_

#include <stdlib.h>

#include <filesystem>
#include <string>
#include <system_error>

namespace gradmatch {

// An empty folder of its own under `parent`, or the system's temporary folder,
// removed with everything in it when the object goes.
class TempFolder {
 public:
  TempFolder() : TempFolder(std::filesystem::temp_directory_path()) {}
  explicit TempFolder(const std::filesystem::path& parent) {
    std::string pattern = (parent / "gradmatch_test_XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) ::abort();
    path_ = pattern;
  }
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const {
    return path_ + "/" + name;
  }

 private:
  std::string path_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_TESTS_FAKES_TEMP_FOLDER_H_
