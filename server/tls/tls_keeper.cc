#include "server/tls/tls_keeper.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "index/base/strings.h"

namespace gradmatch {
namespace {

constexpr absl::Duration kWarnBefore = absl::Hours(30 * 24);
constexpr absl::Duration kWarnEvery = absl::Hours(24);

}  // namespace

absl::StatusOr<std::unique_ptr<TlsKeeper>> TlsKeeper::Open(
    const Settings& settings, const Clock& clock, Logger& log) {
  std::unique_ptr<TlsKeeper> keeper(new TlsKeeper(settings, clock, log));
  MutexLock lock(keeper->check_mu_);
  keeper->signature_ = FilesSignature(settings.files);
  const absl::Status read = keeper->Reload();
  if (!read.ok()) return read;
  keeper->WarnOfEnd();
  return keeper;
}

std::shared_ptr<const TlsKeeper::Certificates> TlsKeeper::current() const {
  MutexLock lock(mu_);
  return current_;
}

TlsKeeper::Figures TlsKeeper::figures() const {
  MutexLock lock(mu_);
  return {.not_after = current_->material.not_after,
          .client_ca_not_after = current_->material.client_ca_not_after,
          .reloads = reloads_,
          .failed_reloads = failed_reloads_};
}

absl::Status TlsKeeper::Reload() {
  auto material = ReadTlsFiles(settings_.files, clock_.Now());
  if (!material.ok()) return material.status();
  auto context = TlsContext::Make(*material, settings_.require_client);
  if (!context.ok()) return context.status();
  auto next = std::make_shared<Certificates>();
  next->material = *std::move(material);
  next->context = *std::move(context);
  next->require_client = settings_.require_client;
  MutexLock lock(mu_);
  next->number = current_ == nullptr ? 1 : current_->number + 1;
  current_ = std::move(next);
  return absl::OkStatus();
}

void TlsKeeper::TellOfReload(const absl::Status& status) {
  if (status.ok()) {
    log_.Log(LogLevel::kInfo, "tls", "certificates_reloaded",
             {{LogField::kPath, settings_.files.certificate},
              {LogField::kSeconds,
               absl::ToInt64Seconds(figures().not_after - clock_.Now())}});
  } else {
    log_.Log(LogLevel::kError, "tls", "certificates_kept",
             {{LogField::kError, S(status.message())}});
  }
}

void TlsKeeper::Check(bool always) {
  MutexLock lock(check_mu_);
  // Taken before the files are read: a change in between is seen next time.
  std::string signature = FilesSignature(settings_.files);
  if (always || signature != signature_) {
    signature_ = std::move(signature);
    const absl::Status status = Reload();
    {
      MutexLock figures_lock(mu_);
      ++(status.ok() ? reloads_ : failed_reloads_);
    }
    TellOfReload(status);
  }
  WarnOfEnd();
}

void TlsKeeper::WarnOfEnd() {
  const absl::Time now = clock_.Now();
  if (now - warned_ < kWarnEvery) return;
  const Figures figures = this->figures();
  const std::pair<const std::string&, absl::Time> files[] = {
      {settings_.files.certificate, figures.not_after},
      {settings_.files.client_ca, figures.client_ca_not_after}};
  for (const auto& [path, end] : files) {
    if (end - now > kWarnBefore) continue;
    warned_ = now;
    log_.Log(end > now ? LogLevel::kWarning : LogLevel::kError, "tls",
             end > now ? "certificate_expires_soon" : "certificate_expired",
             {{LogField::kPath, path},
              {LogField::kSeconds, absl::ToInt64Seconds(end - now)}});
  }
}

}  // namespace gradmatch
