print("recap")
