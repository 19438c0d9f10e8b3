#include "server/tls/certificates.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>

namespace gradmatch {
namespace {

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* x509) const { X509_free(x509); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

Owned<BIO> Reading(std::string_view text) {
  return Owned<BIO>(
      BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

absl::Time ToTime(const ASN1_TIME* time) {
  tm parts = {};
  // Certificates outlive 2038 and the year 9999 stands for "never": both fit.
  if (ASN1_TIME_to_tm(time, &parts) != 1) return absl::InfinitePast();
  return absl::FromTM(parts, absl::UTCTimeZone());
}

std::string ToText(const ASN1_STRING* string) {
  return std::string(
      reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
      static_cast<size_t>(ASN1_STRING_length(string)));
}

std::string AddressText(const ASN1_OCTET_STRING* address) {
  char text[INET6_ADDRSTRLEN] = "";
  const int family = ASN1_STRING_length(address) == 4 ? AF_INET : AF_INET6;
  const std::string bytes = ToText(address);
  if (bytes.size() != 4 && bytes.size() != 16) return "";
  inet_ntop(family, bytes.data(), text, sizeof(text));
  return text;
}

CertificateInfo InfoOf(X509& x509) {
  CertificateInfo info;
  info.not_before = ToTime(X509_get0_notBefore(&x509));
  info.not_after = ToTime(X509_get0_notAfter(&x509));
  info.is_authority = X509_check_ca(&x509) != 0;
  const Owned<GENERAL_NAMES> names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(&x509, NID_subject_alt_name, nullptr, nullptr)));
  if (names == nullptr) return info;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_DNS)
      info.dns_names.push_back(ToText(name->d.dNSName));
    if (name->type == GEN_URI) {
      info.uris.push_back(ToText(name->d.uniformResourceIdentifier));
    }
    if (name->type == GEN_IPADD) {
      info.ip_addresses.push_back(AddressText(name->d.iPAddress));
    }
  }
  return info;
}

// Instead of asking at a terminal.
int NoPassword(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return 0;
}

}  // namespace

absl::StatusOr<std::vector<CertificateInfo>> ReadCertificates(
    std::string_view pem) {
  const Owned<BIO> in = Reading(pem);
  std::vector<CertificateInfo> infos;
  ERR_clear_error();
  while (true) {
    const Owned<X509> x509(
        PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
    if (x509 == nullptr) break;
    infos.push_back(InfoOf(*x509));
  }
  const unsigned long error = ERR_peek_last_error();
  ERR_clear_error();
  if (ERR_GET_REASON(error) != PEM_R_NO_START_LINE) {
    return absl::InvalidArgumentError(
        "has a certificate that does not parse; is the file whole?");
  }
  if (infos.empty()) {
    return absl::InvalidArgumentError(
        "has no certificate; it is to be PEM, with lines such as -----BEGIN "
        "CERTIFICATE-----");
  }
  return infos;
}

absl::Status CheckKeyOf(std::string_view certificate_pem,
                        std::string_view key_pem) {
  const Owned<BIO> certificate_in = Reading(certificate_pem);
  const Owned<X509> x509(
      PEM_read_bio_X509(certificate_in.get(), nullptr, nullptr, nullptr));
  const Owned<BIO> key_in = Reading(key_pem);
  bool encrypted = false;
  const Owned<EVP_PKEY> key(
      PEM_read_bio_PrivateKey(key_in.get(), nullptr, NoPassword, &encrypted));
  ERR_clear_error();
  if (encrypted) {
    return absl::InvalidArgumentError(
        "is encrypted, and nobody is there to give the password at a start; "
        "store it unencrypted, readable by the server's user only");
  }
  if (key == nullptr) {
    return absl::InvalidArgumentError(
        "has no private key; it is to be PEM, with a line such as -----BEGIN "
        "PRIVATE KEY-----");
  }
  const bool match =
      x509 != nullptr && X509_check_private_key(x509.get(), key.get()) == 1;
  ERR_clear_error();
  if (match) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "is the key of another certificate than the first in "
      "tls.certificate_file");
}

}  // namespace gradmatch
