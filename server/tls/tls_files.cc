#include "server/tls/tls_files.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "index/base/strings.h"
#include "index/file_system.h"
#include "server/tls/certificates.h"

namespace gradmatch {
namespace {

constexpr size_t kMaxBytes = 1 << 20;

// An option and the path it has.
struct Named {
  const char* option;
  const std::string& path;
};

absl::Status Refused(const Named& file, std::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat(file.option, " ", file.path, " ", A(why)));
}

// Symbolic links are followed: tools that renew certificates turn them.
absl::StatusOr<std::string> Read(const Named& file, bool secret) {
  const FileDescriptor fd(
      open(file.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.valid()) {
    return Refused(file, absl::StrCat("cannot be read: ", strerror(errno),
                                      "; check the path, and that the server's "
                                      "user may read it"));
  }
  struct stat info;
  if (fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode)) {
    return Refused(file, "is no plain file");
  }
  if (secret && (info.st_mode & 077) != 0) {
    return Refused(file, absl::StrFormat(
                             "has mode %04o: others than its owner may use it; "
                             "find out who could read it, then chmod 400 it",
                             info.st_mode & 07777));
  }
  std::string text(kMaxBytes, '\0');
  size_t size = 0;
  ssize_t n = 0;
  while (size < text.size() &&
         (n = read(fd.get(), text.data() + size, text.size() - size)) != 0) {
    if (n < 0 && errno != EINTR) {
      return Refused(file, absl::StrCat("cannot be read: ", strerror(errno)));
    }
    if (n > 0) size += static_cast<size_t>(n);
  }
  if (size == text.size()) return Refused(file, "is longer than a MiB");
  std::string read_bytes = text.substr(0, size);
  explicit_bzero(text.data(), size);
  return read_bytes;
}

std::string Day(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S UTC", time, absl::UTCTimeZone());
}

// Why it is of no use as of `now`; empty when it is.
std::string DateProblem(const CertificateInfo& one, absl::Time now) {
  if (now >= one.not_after) {
    return absl::StrCat("expired: it was valid until ", Day(one.not_after),
                        "; renew it");
  }
  if (now < one.not_before) {
    return absl::StrCat("is not valid yet: it begins ", Day(one.not_before),
                        "; is this machine's clock right?");
  }
  return "";
}

// All of a chain are needed; the end of the first that ends.
absl::StatusOr<absl::Time> CheckChain(const Named& file, const std::string& pem,
                                      absl::Time now) {
  const auto chain = ReadCertificates(pem);
  if (!chain.ok()) return Refused(file, S(chain.status().message()));
  absl::Time end = absl::InfiniteFuture();
  for (const CertificateInfo& one : *chain) {
    const std::string problem = DateProblem(one, now);
    if (!problem.empty()) return Refused(file, problem);
    end = std::min(end, one.not_after);
  }
  return end;
}

// One is enough: while those that sign are exchanged, old and new are in the
// file. The end of the first, of those that are valid.
absl::StatusOr<absl::Time> CheckAuthorities(const Named& file,
                                            const std::string& pem,
                                            absl::Time now) {
  const auto authorities = ReadCertificates(pem);
  if (!authorities.ok())
    return Refused(file, S(authorities.status().message()));
  absl::Time end = absl::InfiniteFuture();
  std::string problem =
      "has no certificate that may sign others (a CA); it is to have the "
      "issuer's, not a caller's own";
  for (const CertificateInfo& one : *authorities) {
    if (!one.is_authority) continue;
    const std::string dates = DateProblem(one, now);
    if (dates.empty()) {
      end = std::min(end, one.not_after);
    } else {
      problem = dates;
    }
  }
  if (end == absl::InfiniteFuture()) return Refused(file, problem);
  return end;
}

std::string SignatureOf(const std::string& path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0) return absl::StrCat("error ", errno);
  return absl::StrCat(info.st_dev, " ", info.st_ino, " ", info.st_size, " ",
                      info.st_mode, " ", info.st_mtim.tv_sec, ".",
                      info.st_mtim.tv_nsec, " ", info.st_ctim.tv_sec, ".",
                      info.st_ctim.tv_nsec);
}

}  // namespace

TlsMaterial::~TlsMaterial() { explicit_bzero(key_pem.data(), key_pem.size()); }

absl::StatusOr<TlsMaterial> ReadTlsFiles(const TlsFiles& files,
                                         absl::Time now) {
  const Named certificate = {"tls.certificate_file", files.certificate};
  const Named key = {"tls.key_file", files.key};
  const Named client_ca = {"tls.client_ca_file", files.client_ca};
  TlsMaterial material;
  auto text = Read(certificate, /*secret=*/false);
  if (!text.ok()) return text.status();
  material.certificate_pem = *std::move(text);
  auto end = CheckChain(certificate, material.certificate_pem, now);
  if (!end.ok()) return end.status();
  material.not_after = *end;

  text = Read(key, /*secret=*/true);
  if (!text.ok()) return text.status();
  material.key_pem = *std::move(text);
  const absl::Status pair =
      CheckKeyOf(material.certificate_pem, material.key_pem);
  if (!pair.ok()) return Refused(key, S(pair.message()));

  if (files.client_ca.empty()) return material;
  text = Read(client_ca, /*secret=*/false);
  if (!text.ok()) return text.status();
  material.client_ca_pem = *std::move(text);
  end = CheckAuthorities(client_ca, material.client_ca_pem, now);
  if (!end.ok()) return end.status();
  material.client_ca_not_after = *end;
  return material;
}

std::string FilesSignature(const TlsFiles& files) {
  return absl::StrCat(
      SignatureOf(files.certificate), "\n", SignatureOf(files.key), "\n",
      files.client_ca.empty() ? "" : SignatureOf(files.client_ca));
}

}  // namespace gradmatch
