// JPEG files by libjpeg-turbo, whose errors leave by longjmp; every jump ends in here.
//
// Both functions return CJ_OK, or what the file is, with libjpeg's words in `message`.
#pragma once
#include <stddef.h>

enum { CJ_OK, CJ_DAMAGED, CJ_UNSUPPORTED };
enum { CJ_MESSAGE_SIZE = 256 };

// The size of the picture in `bytes`.
int cj_read_size(
    const unsigned char *bytes, size_t count, int *width, int *height, char *message);

// Writes the picture as RGB, [height, width, 3], of the size that cj_read_size gave: what Pillow's
// Image.open(...).convert("RGB") makes of it.
//
// What libjpeg merely warns of is an error where it means that pixels are wrong.
int cj_decode(const unsigned char *bytes, size_t count, unsigned char *rgb, char *message);
