#include "tools/gradmatch/pages/roff.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace gradmatch {

std::string RoffText(const std::string& text) {
  std::string out;
  bool line_begins = true;
  for (const char c : text) {
    // A dot or a quote at the begin of a line would be a request.
    if (line_begins && (c == '.' || c == '\'')) absl::StrAppend(&out, "\\&");
    line_begins = c == '\n';
    switch (c) {
      case '\\':
        absl::StrAppend(&out, "\\e");
        break;
      case '-':  // a minus that can be pasted, not a hyphen
        absl::StrAppend(&out, "\\-");
        break;
      case '\'':
        absl::StrAppend(&out, "\\(aq");
        break;
      case '`':
        absl::StrAppend(&out, "\\(ga");
        break;
      case '^':
        absl::StrAppend(&out, "\\(ha");
        break;
      case '~':
        absl::StrAppend(&out, "\\(ti");
        break;
      case '"':  // safe in the arguments of a macro as well
        absl::StrAppend(&out, "\\(dq");
        break;
      default:
        out.push_back(c);
    }
  }
  return out;
}

RoffPage::RoffPage(const std::string& name, int section,
                   const std::string& version) {
  out_ = absl::StrCat(".TH ", absl::AsciiStrToUpper(RoffText(name)), " ",
                      section, " \"\" \"", RoffText(version),
                      "\" \"GradMatch\"\n.nh\n.ad l\n");
}

void RoffPage::Section(const std::string& title) {
  absl::StrAppend(&out_, ".SH \"", RoffText(title), "\"\n");
}

void RoffPage::Subsection(const std::string& title) {
  absl::StrAppend(&out_, ".SS \"", RoffText(title), "\"\n");
}

void RoffPage::Text(const std::string& text) {
  absl::StrAppend(&out_, ".PP\n", RoffText(text), "\n");
}

void RoffPage::Entry(const std::string& term, const std::string& value,
                     const std::string& text) {
  absl::StrAppend(&out_, ".TP\n\\fB", RoffText(term), "\\fR");
  if (!value.empty()) absl::StrAppend(&out_, " \\fI", RoffText(value), "\\fR");
  absl::StrAppend(&out_, "\n", text.empty() ? "\\&" : RoffText(text), "\n");
}

void RoffPage::Example(const std::string& says, const std::string& lines) {
  Text(says);
  absl::StrAppend(&out_, ".PP\n.RS 4\n.nf\n", RoffText(lines), "\n.fi\n.RE\n");
}

}  // namespace gradmatch
