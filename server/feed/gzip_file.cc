#include "server/feed/gzip_file.h"

#include <zlib.h>

#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"

namespace gradmatch {
namespace {

gzFile FileOf(void* file) { return static_cast<gzFile>(file); }

}  // namespace

absl::StatusOr<std::unique_ptr<GzipFile>> GzipFile::Open(
    const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) {
    return MakeError(absl::StatusCode::kNotFound, kFieldInvalid,
                     absl::StrCat("没有文件 ", path, "；请检查路径"));
  }
  if (!std::filesystem::is_regular_file(status)) {
    return MakeError(absl::StatusCode::kFailedPrecondition, kFieldInvalid,
                     absl::StrCat(path, " 不是普通文件；请给出一个文件"));
  }
  std::unique_ptr<GzipFile> file(new GzipFile());
  file->path_ = path;
  file->total_ = static_cast<int64_t>(std::filesystem::file_size(path, error));
  file->file_ = gzopen(path.c_str(), "rb");
  if (file->file_ == nullptr) {
    return MakeError(absl::StatusCode::kFailedPrecondition, kFieldInvalid,
                     absl::StrCat("无法读取 ", path, "；请检查权限"));
  }
  gzbuffer(FileOf(file->file_), 128 << 10);
  return file;
}

GzipFile::~GzipFile() {
  if (file_ != nullptr) gzclose(FileOf(file_));
}

absl::StatusOr<size_t> GzipFile::Read(size_t size, std::string& out) {
  const size_t before = out.size();
  out.resize(before + size);
  const int got =
      gzread(FileOf(file_), out.data() + before, static_cast<unsigned>(size));
  out.resize(before + (got > 0 ? got : 0));
  if (got > 0) return static_cast<size_t>(got);
  int code = Z_OK;
  const char* what = gzerror(FileOf(file_), &code);
  if (code == Z_OK || code == Z_STREAM_END) return 0;
  // The caller's file, not our data: no defect of the program.
  return MakeError(
      absl::StatusCode::kInvalidArgument, kDataLoss,
      absl::StrCat(path_, " 在第 ", bytes_read(), " 字节处",
                   code == Z_BUF_ERROR ? "中断，压缩文件不完整" : "损坏", " (",
                   what, ")；请重新传输后再导入"));
}

int64_t GzipFile::bytes_read() const {
  return static_cast<int64_t>(gzoffset(FileOf(file_)));
}

}  // namespace gradmatch
