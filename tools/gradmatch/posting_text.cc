#include "tools/gradmatch/posting_text.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace gradmatch {

std::string TitleText(const v1::Posting& posting) {
  return absl::StrCat(posting.title(), " · ", posting.employer().name());
}

std::string PlaceText(const v1::Posting& posting) {
  if (posting.locations_size() == 0) return "";
  const v1::Location& first = posting.locations(0);
  // The districts of Beijing and its like hang under an entry without a name.
  const bool named =
      !first.region().display().empty() && first.region().display() != "市辖区";
  std::string text = named || first.address().empty() ? first.region().display()
                                                      : first.address();
  if (posting.locations_size() > 1) {
    absl::StrAppend(&text, " 等 ", posting.locations_size(), " 地");
  }
  return text;
}

std::string PayText(const v1::Posting& posting) {
  const v1::Salary& pay = posting.salary();
  if (pay.max_monthly() > 0) {
    return absl::StrFormat("%.3g-%.3gK", pay.min_monthly() / 1000.0,
                           pay.max_monthly() / 1000.0);
  }
  return pay.negotiable() ? "面议" : pay.raw();
}

}  // namespace gradmatch
