#include <filesystem>
#include <fstream>
#include <memory>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/json_util.h"
#include "index/base/strings.h"
#include "tools/sample/sample_generator.h"

namespace gradmatch {
namespace {

constexpr int64_t kProgressEvery = 10'000;

// One file of JSON lines.
class LineFile {
 public:
  explicit LineFile(const std::string& path)
      : path_(path), out_(path, std::ios::binary | std::ios::trunc) {}

  absl::Status Append(const google::protobuf::Message& message) {
    std::string line;
    const auto converted =
        google::protobuf::util::MessageToJsonString(message, &line);
    if (!converted.ok()) {
      return absl::InternalError(
          absl::StrCat("JSON of a sample record: ", converted.ToString()));
    }
    line += '\n';
    out_.write(line.data(), static_cast<std::streamsize>(line.size()));
    return Check();
  }
  absl::Status Close() {
    out_.close();
    return Check();
  }
  const std::string& path() const { return path_; }

 private:
  absl::Status Check() const {
    if (out_) return absl::OkStatus();
    return absl::PermissionDeniedError(
        absl::StrCat("cannot write ", path_, ": is the disk full?"));
  }

  std::string path_;
  std::ofstream out_;
};

absl::Status WriteReadme(const SampleGenerator& generator,
                         const std::string& folder) {
  std::ofstream out(folder + "/README.txt");
  const SampleOptions& o = generator.options();
  out << "Synthetic sample made by: gradmatch sample generate\n"
      << o.postings << " postings, " << o.graduates << " graduates, "
      << o.contents << " pieces of content, seed " << o.seed << ", base date "
      << absl::FormatCivilTime(o.base_date)
      << "\nNo person, employer or vacancy in it exists.\n";
  out.close();
  if (out) return absl::OkStatus();
  return absl::PermissionDeniedError(absl::StrCat("cannot write in ", folder));
}

}  // namespace

absl::StatusOr<SampleFiles> WriteSample(
    const SampleGenerator& generator, const std::string& folder,
    const std::function<void(int64_t done, int64_t total)>& progress) {
  std::error_code error;
  std::filesystem::create_directories(folder + "/postings", error);
  if (error) {
    return absl::PermissionDeniedError(
        absl::StrCat("cannot make ", folder, ": ", error.message()));
  }
  const SampleOptions& options = generator.options();
  const int64_t total = options.postings + options.graduates + options.contents;
  int64_t done = 0;
  const auto step = [&] {
    if (++done % kProgressEvery == 0 || done == total) progress(done, total);
  };

  SampleFiles files;
  LineFile sources(folder + "/sources.jsonl");
  std::vector<std::unique_ptr<LineFile>> postings;
  for (size_t i = 0; i < generator.world().sources.size(); ++i) {
    const absl::Status status = sources.Append(generator.Source(i));
    if (!status.ok()) return status;
    postings.push_back(std::make_unique<LineFile>(absl::StrCat(
        folder, "/postings/", generator.world().sources[i].id, ".jsonl")));
  }
  for (int64_t i = 0; i < options.postings; ++i, step()) {
    const SamplePosting made = generator.Posting(i);
    const absl::Status status = postings[made.source]->Append(made.posting);
    if (!status.ok()) return status;
  }
  LineFile graduates(folder + "/graduates.jsonl");
  for (int64_t i = 0; i < options.graduates; ++i, step()) {
    const absl::Status status = graduates.Append(generator.Graduate(i));
    if (!status.ok()) return status;
  }
  LineFile contents(folder + "/contents.jsonl");
  for (int64_t i = 0; i < options.contents; ++i, step()) {
    const absl::Status status = contents.Append(generator.Content(i));
    if (!status.ok()) return status;
  }

  absl::Status status = sources.Close();
  files.sources = sources.path();
  for (const auto& file : postings) {
    if (status.ok()) status = file->Close();
    files.postings.push_back(file->path());
  }
  if (status.ok()) status = graduates.Close();
  files.graduates = graduates.path();
  if (status.ok()) status = contents.Close();
  files.contents = contents.path();
  if (status.ok()) status = WriteReadme(generator, folder);
  if (!status.ok()) return status;
  return files;
}

}  // namespace gradmatch
