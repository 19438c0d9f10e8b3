#include "server/sealed_values.h"

#include "absl/strings/str_cat.h"

namespace gradmatch {

void TellOfSealedValues(const SealedStore::ResealReport& report,
                        const std::string& key_file, Logger& log) {
  if (report.resealed > 0) {
    log.Log(LogLevel::kInfo, "vault", "values_sealed_anew",
            {{LogField::kCount, report.resealed}});
  }
  if (report.unknown_key > 0) {
    log.Log(LogLevel::kError, "vault", "seal_key_not_in_file",
            {{LogField::kCount, report.unknown_key},
             {LogField::kError,
              absl::StrCat(key_file,
                           " has not the keys of these values: restore the "
                           "file, or add the older keys to it")}});
  }
  if (report.unreadable > 0) {
    log.Log(LogLevel::kError, "vault", "sealed_values_damaged",
            {{LogField::kCount, report.unreadable}});
  }
}

}  // namespace gradmatch
